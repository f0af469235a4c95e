// Hands the version to the update job, which has credentials of its own and is not waited for: this build gives its place to others.
def call() {
    build job: '../update/' + env.JOB_BASE_NAME, wait: false, parameters: [
        string(name: 'ACTION', value: 'publish'),
        string(name: 'TAG', value: env.VERSION),
        string(name: 'DIGEST', value: env.DIGEST),
        string(name: 'FRAMEWORK', value: env.FRAMEWORK),
        string(name: 'SOURCE', value: env.SOURCE),
        string(name: 'BUILD', value: env.BUILD_URL),
        string(name: 'BUILT_AT', value: env.BUILT_AT)
    ]
}
