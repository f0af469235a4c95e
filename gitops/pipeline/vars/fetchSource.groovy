// The head of the branch that the job names, in the folder `source`, and what the later steps know of it.
import groovy.json.JsonSlurperClassic

def call() {
    withCredentials([usernamePassword(credentialsId: 'source', usernameVariable: 'SLIPWAY_SOURCE_USER', passwordVariable: 'SLIPWAY_SOURCE_PASSWORD')]) {
        def found = new JsonSlurperClassic().parseText(sh(returnStdout: true, script: 'slipway release fetch --output json'))
        env.SOURCE = found.commit
        env.GIT_TAG = found.git_tag
        env.BUILT_AT = found.began
    }
}
