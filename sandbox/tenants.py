"""The tenants of a sandbox's stacks, and the sample application among theirs."""

WORKSPACE, USER, PROJECT = "acme", "alice", "sample"
"""The tenant of the sample application, and the application."""

TENANTS = (
    (WORKSPACE, USER, {PROJECT: 8000, "shop": 8080}),
    (WORKSPACE, "bob", {"blog": 8080}),
    ("umbrella", "carol", {"lab": 8080}),
)
"""Workspace, user, and the user's applications with their ports."""

PROJECTS = tuple(project for _, _, applications in TENANTS for project in applications)
"""The applications' names, which are also the first labels of their hosts."""
