// What the application is and how it is built, as a plan and a Dockerfile in the folder `image`; and whether this commit's image is there already.
import groovy.json.JsonSlurperClassic

def call() {
    def found = new JsonSlurperClassic().parseText(sh(returnStdout: true, script: 'slipway release detect --plan image/plan.json --output json'))
    env.FRAMEWORK = found.framework
    sh 'slipway release dockerfile --plan image/plan.json --to image'
    withRegistry {
        env.BUILT = sh(returnStdout: true, script: 'slipway release built').trim()
    }
}
