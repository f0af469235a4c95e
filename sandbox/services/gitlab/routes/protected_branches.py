"""Protected branches: https://docs.gitlab.com/api/protected_branches/."""

from typing import Any

from sandbox.services.gitlab.access import ADMIN, DEVELOPER, MAINTAINER, NONE, ROLES, require_project
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import ApiError, conflict
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.store import Row

BRANCHES = "/projects/{id}/protected_branches"
LEVELS = (DEVELOPER, MAINTAINER, ADMIN, NONE)


@route("GET", BRANCHES, paged=True)
def list_protected(call: Call) -> Any:
    """Protections of a project."""
    project = require_project(call.gitlab, call.caller, call.path["id"], DEVELOPER)
    search = call.params.get("search", "")
    rows = call.gitlab.db.all("SELECT * FROM protected_branches WHERE project_id = ? ORDER BY id", project["id"])
    return [_shown(row) for row in rows if search in row["name"]]


@route("POST", BRANCHES, status=201)
def protect(call: Call) -> Any:
    """Protect the branch, or the pattern with `*`, `name`."""
    project = require_project(call.gitlab, call.caller, call.path["id"], MAINTAINER)
    name = call.require("name")[0]
    values = {
        "push_level": _level(call, "push", MAINTAINER), "merge_level": _level(call, "merge", MAINTAINER),
        "unprotect_level": _level(call, "unprotect", None), "allow_force_push": call.boolean("allow_force_push"),
        "code_owner_approval_required": call.boolean("code_owner_approval_required"),
    }  # fmt: skip
    with call.gitlab.db.transaction():
        if call.gitlab.db.one("SELECT id FROM protected_branches WHERE project_id = ? AND name = ?", project["id"], name):
            raise conflict(f"Protected branch '{name}' already exists")
        id = call.gitlab.db.insert("protected_branches", project_id=project["id"], name=name, **values)
    return _shown(call.gitlab.db.get("protected_branches", id))


@route("GET", f"{BRANCHES}/{{name}}")
def get_protected(call: Call) -> Any:
    """One protection by its exact name."""
    return _shown(_find(call, DEVELOPER))


@route("PATCH", f"{BRANCHES}/{{name}}")
def update_protected(call: Call) -> Any:
    """Change a protection."""
    row = _find(call, MAINTAINER)
    levels = {f"{name}_level": _level(call, name, row[f"{name}_level"]) for name in ("push", "merge", "unprotect")}
    flags = {name: call.boolean(name, bool(row[name])) for name in ("allow_force_push", "code_owner_approval_required")}
    call.gitlab.db.update("protected_branches", row["id"], **levels, **flags)
    return _shown(call.gitlab.db.get("protected_branches", row["id"]))


@route("DELETE", f"{BRANCHES}/{{name}}", status=204)
def unprotect(call: Call) -> None:
    """Remove a protection."""
    call.gitlab.db.execute("DELETE FROM protected_branches WHERE id = ?", _find(call, MAINTAINER)["id"])


def _find(call: Call, level: int) -> Row:
    project = require_project(call.gitlab, call.caller, call.path["id"], level)
    row = call.gitlab.db.one("SELECT * FROM protected_branches WHERE project_id = ? AND name = ?", project["id"], call.path["name"])
    if row is None:
        raise ApiError(404, {"message": "404 Not found"})
    return row


def _level(call: Call, verb: str, default: int | None) -> int | None:
    """Return the level from `<verb>_access_level`, or from the first entry of `allowed_to_<verb>`.

    Users, groups and deploy keys of their own, a paid feature, are refused: silently dropping one would leave the branch open or shut.
    """
    entries = call.params.get(f"allowed_to_{verb}")
    if not entries:
        return call.choice(f"{verb}_access_level", LEVELS, default)  # type: ignore[no-any-return]
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ApiError(400, {"error": f"allowed_to_{verb} is invalid"})
    kept = [entry for entry in entries if not entry.get("_destroy")]
    if len(kept) != 1 or kept[0].get("access_level") not in LEVELS:
        raise ApiError(400, {"error": f"allowed_to_{verb} takes one access_level here; users, groups and deploy keys are not covered"})
    return int(kept[0]["access_level"])


def _shown(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"], "name": row["name"], "push_access_levels": _levels(row, "push_level", 1),
        "merge_access_levels": _levels(row, "merge_level", 2), "allow_force_push": bool(row["allow_force_push"]),
        "unprotect_access_levels": _levels(row, "unprotect_level", 3),
        "code_owner_approval_required": bool(row["code_owner_approval_required"]), "inherited": False,
    }  # fmt: skip


def _levels(row: Row, column: str, place: int) -> list[dict[str, Any]]:
    level = row[column]
    if level is None:
        return []
    shown = {"access_level": level, "access_level_description": ROLES[level], "deploy_key_id": None, "user_id": None, "group_id": None}
    return [{"id": row["id"] * 10 + place, **shown}]
