"""Tags."""

import re
import sqlite3
from typing import Any

from sandbox.services.harbor import content
from sandbox.services.harbor.call import Call, repository_name
from sandbox.services.harbor.errors import bad_request, conflict, not_allowed, not_found, precondition
from sandbox.services.harbor.immutable import immutable
from sandbox.services.harbor.router import route
from sandbox.services.harbor.routes import artifacts
from sandbox.services.harbor.store import NEVER, Row, now

PATH = f"{artifacts.ONE}/tags"
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")


@route("GET", PATH, paged=True)
def list_tags(call: Call) -> Any:
    """List the tags of an artifact."""
    call.project("tag", "list")
    return [artifacts.shown_tag(call, repository_name(call), tag) for tag in content.tags_of(call.harbor.db, _artifact(call)["id"])]


@route("POST", PATH, status=201)
def create_tag(call: Call) -> None:
    """Give an artifact one more tag, of a name that is free."""
    if call.project("tag", "create")["registry_id"]:
        raise not_allowed("the operation isn't supported for a proxy project")
    artifact, name = _artifact(call), call.fields({"name": str}, ("name",))["name"]
    if not NAME.fullmatch(name):
        raise bad_request(f"invalid tag name: {name}")
    try:
        call.harbor.db.insert(
            "tags", repository_id=artifact["repository_id"], artifact_id=artifact["id"], name=name, push_time=now(), pull_time=NEVER
        )
    except sqlite3.IntegrityError:
        raise conflict(f"the tag {name} already exists in repository {repository_name(call)}") from None


@route("DELETE", f"{PATH}/{{tag_name}}")
def delete_tag(call: Call) -> None:
    """Delete a tag; its artifact stays."""
    call.project("tag", "delete")
    artifact, name = _artifact(call), call.path["tag_name"]
    with call.harbor.db.transaction():
        if name not in [tag["name"] for tag in content.tags_of(call.harbor.db, artifact["id"])]:
            raise not_found(f"tag {name} attached to artifact {artifact['id']}")
        if immutable(call.harbor.db, repository_name(call), name):
            raise precondition(f"the tag {name} configured as immutable, cannot be deleted")
        call.harbor.db.execute("DELETE FROM tags WHERE artifact_id = ? AND name = ?", artifact["id"], name)


def _artifact(call: Call) -> Row:
    return content.require_artifact(call.harbor.db, repository_name(call), call.path["reference"])
