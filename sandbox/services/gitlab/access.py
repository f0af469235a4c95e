"""What a caller may do, from memberships: https://docs.gitlab.com/user/permissions/."""

import json

from sandbox.services.gitlab.auth import Caller, DeployCaller
from sandbox.services.gitlab.errors import forbidden, not_found
from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.store import Row

NONE, GUEST, REPORTER, DEVELOPER, MAINTAINER, OWNER, ADMIN = 0, 10, 20, 30, 40, 50, 60
ROLES = {
    NONE: "No one", GUEST: "Guest", 15: "Planner", REPORTER: "Reporter", DEVELOPER: "Developers + Maintainers",
    MAINTAINER: "Maintainers", OWNER: "Owners", ADMIN: "Admins",
}  # fmt: skip

# The namespace itself and everything above it.
ANCESTORS = """WITH RECURSIVE up(id, parent_id) AS (SELECT id, parent_id FROM namespaces WHERE id = ?
    UNION SELECT n.id, n.parent_id FROM namespaces n JOIN up ON n.id = up.parent_id) SELECT id FROM up"""


def ancestors(gitlab: Instance, namespace_id: int) -> list[int]:
    """Return the ids of the namespace and of all above it, nearest first."""
    return [row["id"] for row in gitlab.db.all(ANCESTORS, namespace_id)]


def sources(gitlab: Instance, project: Row) -> list[tuple[str, int]]:
    """Return what members and deploy tokens of `project` may belong to: itself and the groups above."""
    return [("Project", project["id"]), *(("Group", id) for id in ancestors(gitlab, project["namespace_id"]))]


def group_level(gitlab: Instance, caller: Caller | None, namespace_id: int) -> int:
    """Return the access level that `caller` has in the group, inherited ones included; ADMIN for administrators."""
    return _level(gitlab, caller, [("Group", id) for id in ancestors(gitlab, namespace_id)])


def project_level(gitlab: Instance, caller: Caller | None, project: Row) -> int:
    """Return the access level that `caller` has in `project`, inherited ones included; ADMIN for administrators."""
    return _level(gitlab, caller, sources(gitlab, project))


def _level(gitlab: Instance, caller: Caller | None, places: list[tuple[str, int]]) -> int:
    if caller is None:
        return NONE
    if caller.admin:
        return ADMIN
    sql = "SELECT source_type, source_id, access_level FROM members WHERE user_id = ? AND (expires_at IS NULL OR expires_at > date())"
    found = gitlab.db.all(sql, caller.id)
    return max((row["access_level"] for row in found if (row["source_type"], row["source_id"]) in places), default=NONE)


def visible(level: int, caller: Caller | None, visibility: str) -> bool:
    """Tell whether something of this `visibility` may be seen by `caller`, who has `level` in it."""
    internal = visibility == "internal" and caller is not None and not caller.user["bot"]
    return level > NONE or visibility == "public" or internal


def find_project(gitlab: Instance, key: str) -> Row | None:
    """Return the project with the id or full path `key`, or None."""
    column = "id" if key.isdigit() else "full_path"
    return gitlab.db.one(f"SELECT * FROM projects WHERE {column} = ?", key)


def require_project(gitlab: Instance, caller: Caller | None, key: str, level: int = NONE) -> Row:
    """Return the project `key`; ApiError 404 if the caller may not see it, 403 if they lack the access `level`."""
    project = find_project(gitlab, key)
    if project is None:
        raise not_found("Project")
    held = project_level(gitlab, caller, project)
    if not visible(held, caller, project["visibility"]):
        raise not_found("Project")
    if held < level:
        raise forbidden()
    return project


def archived(project: Row) -> bool:
    """Tell whether `project` is archived, and so cannot be written to."""
    return bool(json.loads(project["attributes"]).get("archived"))


def require_push(gitlab: Instance, caller: Caller, key: str) -> Row:
    """Return the project `key` if `caller` may write to its repository, protections aside; ApiError 404 or 403 otherwise."""
    project = require_project(gitlab, caller, key, DEVELOPER)
    if archived(project):
        raise forbidden()
    return project


def require_code(gitlab: Instance, caller: Caller | None, key: str) -> Row:
    """Return the project `key` if its code may be read, which in a private project takes a Reporter."""
    project = require_project(gitlab, caller, key)
    if not may_read_code(gitlab, caller, project):
        raise forbidden()
    return project


def may_read_code(gitlab: Instance, caller: Caller | DeployCaller | None, project: Row) -> bool:
    """Tell whether `caller` may read the repository of `project`."""
    if isinstance(caller, DeployCaller):
        return (caller.token["source_type"], caller.token["source_id"]) in sources(gitlab, project)
    held = project_level(gitlab, caller, project)
    return held >= REPORTER or (project["visibility"] != "private" and visible(held, caller, project["visibility"]))


def require_group(gitlab: Instance, caller: Caller | None, key: str, level: int = NONE) -> Row:
    """Return the group with the id or full path `key`; ApiError 404 if it may not be seen, 403 below `level`."""
    column = "id" if key.isdigit() else "full_path"
    group = gitlab.db.one(f"SELECT * FROM namespaces WHERE kind = 'group' AND {column} = ?", key)
    if group is None:
        raise not_found("Group")
    held = group_level(gitlab, caller, group["id"])
    if not visible(held, caller, group["visibility"]):
        raise not_found("Group")
    if held < level:
        raise forbidden()
    return group
