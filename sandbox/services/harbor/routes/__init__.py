"""The API: importing this package registers all of its routes."""

from sandbox.services.harbor.routes import (
    artifacts,
    immutable_rules,
    metadatas,
    projects,
    quotas,
    registries,
    repositories,
    retentions,
    robots,
    scans,
    system,
    tags,
)

__all__ = [
    "artifacts",
    "immutable_rules",
    "metadatas",
    "projects",
    "quotas",
    "registries",
    "repositories",
    "retentions",
    "robots",
    "scans",
    "system",
    "tags",
]
