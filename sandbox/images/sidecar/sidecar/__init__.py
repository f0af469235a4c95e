"""k8s-sidecar, as far as it is needed: what labelled ConfigMaps and Secrets hold, as files beside a program that is told of changes."""
