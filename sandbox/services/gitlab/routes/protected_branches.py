"""Protected branches: https://docs.gitlab.com/api/protected_branches/."""

from typing import Any

from sandbox.services.gitlab import ref_access
from sandbox.services.gitlab.access import DEVELOPER, MAINTAINER, project_level, require_project
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import ApiError, conflict, forbidden
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.store import Row

BRANCHES = "/projects/{id}/protected_branches"
VERBS = ("push", "merge", "unprotect")
FLAGS = ("allow_force_push", "code_owner_approval_required")


@route("GET", BRANCHES, paged=True)
def list_protected(call: Call) -> Any:
    """Protections of a project."""
    project = require_project(call.gitlab, call.caller, call.path["id"], DEVELOPER)
    search = call.params.get("search", "")
    rows = call.gitlab.db.all("SELECT * FROM protected_branches WHERE project_id = ? ORDER BY id", project["id"])
    return [_shown(call, row) for row in rows if search in row["name"]]


@route("POST", BRANCHES, status=201)
def protect(call: Call) -> Any:
    """Protect the branch, or the pattern with `*`, `name`."""
    project = require_project(call.gitlab, call.caller, call.path["id"], MAINTAINER)
    name, flags = call.require("name")[0], {flag: call.boolean(flag) for flag in FLAGS}
    with call.gitlab.db.transaction():
        if call.gitlab.db.one("SELECT id FROM protected_branches WHERE project_id = ? AND name = ?", project["id"], name):
            raise conflict(f"Protected branch '{name}' already exists")
        levels = {"push_level": MAINTAINER, "merge_level": MAINTAINER}
        id = call.gitlab.db.insert("protected_branches", project_id=project["id"], name=name, **levels, **flags)
        for verb in VERBS:
            ref_access.change(call, project, "branch_id", id, verb)
    return _shown(call, call.gitlab.db.get("protected_branches", id))


@route("GET", f"{BRANCHES}/{{name}}")
def get_protected(call: Call) -> Any:
    """One protection by its exact name."""
    return _shown(call, _find(call, DEVELOPER)[1])


@route("PATCH", f"{BRANCHES}/{{name}}")
def update_protected(call: Call) -> Any:
    """Change a protection: entries with an `id` are changed, or removed with `_destroy`, the others are added."""
    project, row = _find(call, MAINTAINER)
    flags = {name: call.boolean(name, bool(row[name])) for name in FLAGS}
    with call.gitlab.db.transaction():
        call.gitlab.db.update("protected_branches", row["id"], **flags)
        for verb in VERBS:
            ref_access.change(call, project, "branch_id", row["id"], verb)
    return _shown(call, call.gitlab.db.get("protected_branches", row["id"]))


@route("DELETE", f"{BRANCHES}/{{name}}", status=204)
def unprotect(call: Call) -> None:
    """Remove a protection, if the entries for that, where there are any, have the caller."""
    project, row = _find(call, MAINTAINER)
    level = project_level(call.gitlab, call.caller, project)
    entries = ref_access.entries(call.gitlab, "branch_id", row["id"], "unprotect")
    if entries and not any(ref_access.granted(call.gitlab, call.caller, level, entry) for entry in entries):
        raise forbidden()
    call.gitlab.db.execute("DELETE FROM protected_branches WHERE id = ?", row["id"])


def _find(call: Call, level: int) -> tuple[Row, Row]:
    project = require_project(call.gitlab, call.caller, call.path["id"], level)
    row = call.gitlab.db.one("SELECT * FROM protected_branches WHERE project_id = ? AND name = ?", project["id"], call.path["name"])
    if row is None:
        raise ApiError(404, {"message": "404 Not found"})
    return project, row


def _shown(call: Call, row: Row) -> dict[str, Any]:
    levels = {f"{verb}_access_levels": ref_access.shown(call.gitlab, "branch_id", row["id"], verb) for verb in VERBS}
    return {"id": row["id"], "name": row["name"], "inherited": False, **levels, **{flag: bool(row[flag]) for flag in FLAGS}}
