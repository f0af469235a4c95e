"""What a pipeline's steps do: importing this package enters all of them into the registry."""

from sandbox.services.jenkins.running.steps import (
    artifacts,
    basic,
    checkout,
    credentials,
    downstream,
    files,
    nodes,
    process,
    statuses,
)

__all__ = [
    "artifacts",
    "basic",
    "checkout",
    "credentials",
    "downstream",
    "files",
    "nodes",
    "process",
    "statuses",
]
