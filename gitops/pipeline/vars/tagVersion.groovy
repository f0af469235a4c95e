// The version that this commit's image gets, once its scan has passed.
import groovy.json.JsonSlurperClassic

def call() {
    withRegistry {
        def tagged = new JsonSlurperClassic().parseText(sh(returnStdout: true, script: 'slipway release tag --output json'))
        env.VERSION = tagged.version
        env.DIGEST = tagged.digest
    }
}
