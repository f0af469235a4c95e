// Tells GitLab how the commit fares: running, or how it ended. Before the commit is fetched it is the one that the webhook told of.
def call(String result = '') {
    withCredentials([usernamePassword(credentialsId: 'status', usernameVariable: 'SLIPWAY_STATUS_USER', passwordVariable: 'SLIPWAY_STATUS_TOKEN')]) {
        withEnv(['RESULT=' + result, 'SOURCE=' + (env.SOURCE ?: env.gitlabAfter ?: '')]) {
            // Who cannot be told keeps nobody from releasing.
            catchError(buildResult: 'UNSTABLE', stageResult: 'UNSTABLE') {
                sh 'slipway release report'
                env.REPORTED = result
            }
        }
    }
}
