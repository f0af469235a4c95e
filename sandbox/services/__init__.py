"""What stands in for the outside world: names (CoreDNS), images (Debian's docker-registry) and GitLab."""
