// Steps that may use the registry, as far as the jobs of this folder may.
def call(Closure body) {
    withCredentials([usernamePassword(credentialsId: 'registry', usernameVariable: 'SLIPWAY_REGISTRY_USER', passwordVariable: 'SLIPWAY_REGISTRY_PASSWORD')]) {
        body()
    }
}
