"""Moving projects and groups elsewhere: https://docs.gitlab.com/api/projects/#transfer-a-project-to-a-new-namespace."""

from typing import Any

from sandbox.services.gitlab import entities
from sandbox.services.gitlab.access import MAINTAINER, OWNER, group_level, require_group, require_project
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.deletion import BELOW
from sandbox.services.gitlab.errors import bad_request, not_found
from sandbox.services.gitlab.paths import relocate, remember, taken
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.routes.groups import VISIBILITIES
from sandbox.services.gitlab.store import Row


@route("PUT", "/projects/{id}/transfer")
def transfer_project(call: Call) -> Any:
    """Move a project into `namespace`, an id or a full path; its former path leads to it."""
    project = require_project(call.gitlab, call.caller, call.path["id"], OWNER)
    target = _namespace(call, call.require("namespace")[0])
    if target["id"] == project["namespace_id"]:
        raise bad_request("Project is already in this namespace.")
    _check_visibility(project, target)
    with call.gitlab.db.transaction():
        if taken(call.gitlab, f"{target['full_path']}/{project['path']}"):
            raise bad_request("Project with same name or path in target namespace already exists")
        remember(call.gitlab, project)
        relocate(call.gitlab, "Project", project, project["name"], project["path"], target["full_path"])
        call.gitlab.db.update("projects", project["id"], namespace_id=target["id"])
    return entities.project(call.gitlab, call.gitlab.db.get("projects", project["id"]))


@route("POST", "/groups/{id}/transfer", status=201)
def transfer_group(call: Call) -> Any:
    """Move a group into the group `group_id`, or without one to the top, which administrators alone can do."""
    group, target_id = require_group(call.gitlab, call.caller, call.path["id"], OWNER), call.integer("group_id")
    target = require_group(call.gitlab, call.caller, str(target_id), OWNER) if target_id is not None else None
    below = [row["id"] for row in call.gitlab.db.all(f"{BELOW} SELECT id FROM below", group["id"])]
    if target_id == group["parent_id"]:
        raise bad_request("Transfer failed: Group is already associated to the parent group.")
    if target_id in below or (target is None and not call.caller.admin):
        raise bad_request("Transfer failed: You don't have enough permissions.")
    if target:
        _check_visibility(group, target)
    place = target["full_path"] if target else ""
    with call.gitlab.db.transaction():
        if taken(call.gitlab, f"{place}/{group['path']}".lstrip("/")):
            raise bad_request("Transfer failed: The parent group already has a subgroup or a project with the same path.")
        inside = f"{BELOW} SELECT * FROM projects WHERE namespace_id IN (SELECT id FROM below)"
        for project in call.gitlab.db.all(inside, group["id"]):
            remember(call.gitlab, project)
        relocate(call.gitlab, "Group", group, group["name"], group["path"], place)
        call.gitlab.db.update("namespaces", group["id"], parent_id=target_id)
    return entities.group(call.gitlab, call.gitlab.db.get("namespaces", group["id"]))


def _namespace(call: Call, key: str) -> Row:
    column = "id" if key.isdigit() else "full_path"
    row = call.gitlab.db.one(f"SELECT * FROM namespaces WHERE {column} = ?", key)
    if row is None or group_level(call.gitlab, call.caller, row["id"]) < MAINTAINER:
        raise not_found("Namespace")
    return row


def _check_visibility(moved: Row, target: Row) -> None:
    if target["kind"] == "group" and VISIBILITIES.index(moved["visibility"]) > VISIBILITIES.index(target["visibility"]):
        raise bad_request(f"Transfer failed: {moved['visibility']} is not allowed in a {target['visibility']} group.")
