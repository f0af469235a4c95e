// The head of the branch that the job names, in the folder `source`; its commit in `source.commit`. Git runs in the container of the tools.
def call() {
    dir('source') {
        def fetched = checkout scmGit(
            branches: [[name: 'refs/heads/' + params.BRANCH]],
            userRemoteConfigs: [[url: params.REPOSITORY_URL, credentialsId: 'source']],
            extensions: []
        )
        writeFile file: '../source.commit', text: fetched.GIT_COMMIT
    }
}
