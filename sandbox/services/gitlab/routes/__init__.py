"""The REST API, one module a resource. Importing this package registers every route."""

from sandbox.services.gitlab.routes import (  # noqa: F401  (imported to register their routes)
    access_tokens,
    branches,
    commits,
    deploy_tokens,
    environments,
    files,
    groups,
    hooks,
    members,
    personal_tokens,
    projects,
    protected_branches,
    statuses,
    tree,
    users,
    variables,
)
