"""Protected tags: https://docs.gitlab.com/api/protected_tags/."""

from typing import Any

from sandbox.services.gitlab import ref_access
from sandbox.services.gitlab.access import DEVELOPER, MAINTAINER, require_project
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import ApiError
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.store import Row

TAGS = "/projects/{id}/protected_tags"


@route("GET", TAGS, paged=True)
def list_protected(call: Call) -> Any:
    """Protections of a project's tags."""
    project = require_project(call.gitlab, call.caller, call.path["id"], DEVELOPER)
    rows = call.gitlab.db.all("SELECT * FROM protected_tags WHERE project_id = ? ORDER BY id", project["id"])
    return [_shown(call, row) for row in rows]


@route("POST", TAGS, status=201)
def protect(call: Call) -> Any:
    """Protect the tag, or the pattern with `*`, `name`: only Maintainers, or whom the call names, can create it."""
    project = require_project(call.gitlab, call.caller, call.path["id"], MAINTAINER)
    name = call.require("name")[0]
    with call.gitlab.db.transaction():
        if call.gitlab.db.one("SELECT id FROM protected_tags WHERE project_id = ? AND name = ?", project["id"], name):
            raise ApiError(422, {"message": ["Name has already been taken"]})
        id = call.gitlab.db.insert("protected_tags", project_id=project["id"], name=name)
        call.gitlab.db.insert("ref_access", tag_id=id, verb="create", access_level=MAINTAINER)
        ref_access.change(call, project, "tag_id", id, "create")
    return _shown(call, call.gitlab.db.get("protected_tags", id))


@route("GET", f"{TAGS}/{{name}}")
def get_protected(call: Call) -> Any:
    """One protection by its exact name."""
    return _shown(call, _find(call, DEVELOPER))


@route("DELETE", f"{TAGS}/{{name}}", status=204)
def unprotect(call: Call) -> None:
    """Remove a protection."""
    call.gitlab.db.execute("DELETE FROM protected_tags WHERE id = ?", _find(call, MAINTAINER)["id"])


def _find(call: Call, level: int) -> Row:
    project = require_project(call.gitlab, call.caller, call.path["id"], level)
    row = call.gitlab.db.one("SELECT * FROM protected_tags WHERE project_id = ? AND name = ?", project["id"], call.path["name"])
    if row is None:
        raise ApiError(404, {"message": "404 Not found"})
    return row


def _shown(call: Call, row: Row) -> dict[str, Any]:
    return {"name": row["name"], "create_access_levels": ref_access.shown(call.gitlab, "tag_id", row["id"], "create")}
