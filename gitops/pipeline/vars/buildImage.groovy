// An OCI archive from the Dockerfile in `source`, by the container that holds no credential: what the Dockerfile runs finds none.
def call() {
    sh '''
        buildah build --tag application --file source/Dockerfile source
        rm -f image.tar
        buildah push application oci-archive:image.tar
    '''
}
