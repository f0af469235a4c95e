"""What robots can be allowed: https://goharbor.io/docs/2.14.0/working-with-projects/project-configuration/create-robot-accounts/."""

Right = tuple[str, str]
"""A resource and an action."""

_CRUD = ("create", "read", "update", "delete")
_ALL = (*_CRUD, "list")


def _rights(table: dict[str, tuple[str, ...]]) -> tuple[Right, ...]:
    return tuple((resource, action) for resource, actions in table.items() for action in actions)


SYSTEM = _rights({
    "audit-log": ("list",), "catalog": ("read",), "garbage-collection": ("create", "read", "update", "list", "stop"),
    "jobservice-monitor": ("list", "stop"), "label": _CRUD, "ldap-user": ("create", "list"), "preheat-instance": _ALL,
    "project": ("create", "list"), "purge-audit": ("create", "read", "update", "list", "stop"), "quota": ("read", "update", "list"),
    "registry": _ALL, "replication": ("create", "read", "list"), "replication-adapter": ("list",), "replication-policy": _ALL,
    "robot": ("create", "read", "delete", "list"), "scan-all": ("create", "read", "update", "stop"), "scanner": _ALL,
    "security-hub": ("read", "list"), "system-volumes": ("read",), "user": _ALL, "user-group": _ALL,
})  # fmt: skip
PROJECT = _rights({
    "accessory": ("list",), "artifact": ("create", "read", "delete", "list"), "artifact-addition": ("read",),
    "artifact-label": ("create", "delete"), "export-cve": ("create", "read"), "immutable-tag": ("create", "update", "delete", "list"),
    "label": _ALL, "log": ("list",), "member": _ALL, "metadata": _ALL, "notification-policy": _ALL, "preheat-policy": _ALL,
    "project": ("read", "update", "delete"), "quota": ("read",), "repository": ("read", "update", "delete", "list", "pull", "push"),
    "robot": ("create", "read", "delete", "list"), "sbom": ("create", "read", "stop"), "scan": ("create", "read", "stop"),
    "scanner": ("create", "read"), "tag": ("create", "delete", "list"), "tag-retention": _ALL,
})  # fmt: skip
EVERYBODY = frozenset(_rights({
    "accessory": ("list",), "artifact": ("read", "list"), "artifact-addition": ("read",), "label": ("read", "list"), "project": ("read",),
    "repository": ("read", "list", "pull"), "scan": ("read",), "scanner": ("read",), "tag": ("list",),
}))  # fmt: skip
"""In a public project."""
