"""The release loop's half that touches the GitOps repository: publish, rollback, history, status, upgrade."""
