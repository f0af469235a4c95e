"""The files by which the platform tells the release loop who its tenants are: `tenants/<userId>.yaml` in the GitOps repository.

They are the platform's; releases read them. One file a user, so that a user is in one workspace and a new tenant touches no other's file.
"""

from typing import Any

import yaml

import naming

FOLDER = "tenants"


def path(user: str) -> str:
    """Where a user's file lies in the GitOps repository."""
    return f"{FOLDER}/{user}.yaml"


def render(*, workspace: str, user: str) -> str:
    """The text of a user's file."""
    body = yaml.safe_dump({"user": user, "workspace": workspace, "namespace": naming.namespace(user)}, sort_keys=False)
    return f"# The platform's: written by its Pulumi program, read by releases.\n{body}"


def workspace_of(text: str) -> str | None:
    """The workspace that a user's file names; None where it names none."""
    try:
        content: Any = yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    found = content.get("workspace") if isinstance(content, dict) else None
    return found if isinstance(found, str) else None
