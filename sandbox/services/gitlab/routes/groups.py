"""Groups: https://docs.gitlab.com/api/groups/."""

import json
import re
from typing import Any

from sandbox.services.gitlab import entities
from sandbox.services.gitlab.access import MAINTAINER, OWNER, group_level, project_level, require_group, visible
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.deletion import BELOW
from sandbox.services.gitlab.errors import bad_request, forbidden
from sandbox.services.gitlab.instance import add_namespace
from sandbox.services.gitlab.paging import ordered
from sandbox.services.gitlab.paths import taken
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.store import Row, encode

VISIBILITIES = ("private", "internal", "public")
PATH = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]*(?<!\.)(?<!\.git)(?<!\.atom)")
PATH_RULE = "can contain only letters, digits, '_', '-' and '.'. Cannot start with '-' or end in '.', '.git' or '.atom'."
PROJECT_ORDERS = ("id", "name", "path", "created_at", "updated_at", "last_activity_at", "star_count")
SETTINGS = entities.GROUP_SETTINGS | entities.GROUP_DETAIL_SETTINGS


@route("GET", "/groups", paged=True, public=True)
def list_groups(call: Call) -> Any:
    """Groups that the caller may see."""
    rows = call.gitlab.db.all("SELECT * FROM namespaces WHERE kind = 'group' ORDER BY name, id")
    if call.boolean("top_level_only"):
        rows = [row for row in rows if row["parent_id"] is None]
    if call.boolean("owned"):
        rows = [row for row in rows if group_level(call.gitlab, call.someone, row["id"]) >= OWNER]
    return _shown(call, rows)


@route("POST", "/groups", status=201)
def create_group(call: Call) -> Any:
    """A new group. At the top only for administrators: the sandbox wants to be as strict as GitLab.com, where the API cannot do it."""
    name, path = call.require("name", "path")
    parent_id = call.integer("parent_id")
    parent = require_group(call.gitlab, call.caller, str(parent_id), MAINTAINER) if parent_id is not None else None
    if parent is None and not call.caller.admin:
        raise forbidden()
    if not PATH.fullmatch(path):
        raise bad_request({"path": [PATH_RULE]})
    full_path = f"{parent['full_path']}/{path}" if parent else path
    visibility = chosen_visibility(call, "private", parent)
    with call.gitlab.db.transaction():
        if taken(call.gitlab, full_path):
            raise bad_request('Failed to save group {:path=>["has already been taken"]}')
        group_id = add_namespace(
            call.gitlab.db, kind="group", name=name, path=path, full_path=full_path, owner_id=call.caller.id, parent_id=parent_id,
            visibility=visibility, attributes=encode(call.settings(SETTINGS)),
        )  # fmt: skip
    return entities.group(call.gitlab, call.gitlab.db.get("namespaces", group_id))


@route("GET", "/groups/{id}", public=True)
def get_group(call: Call) -> Any:
    """One group with its projects."""
    group = require_group(call.gitlab, call.someone, call.path["id"])
    shown = entities.group_detail(call.gitlab, group)
    if call.boolean("with_projects", default=True):
        shown |= {"projects": _projects(call, [group["id"]]), "shared_projects": []}
    return shown


@route("PUT", "/groups/{id}")
def update_group(call: Call) -> Any:
    """Change a group. Its path stays: moving repositories is not covered."""
    group = require_group(call.gitlab, call.caller, call.path["id"], OWNER)
    if call.params.get("path", group["path"]) != group["path"]:
        raise bad_request({"path": ["cannot be changed: this stand-in does not move groups"]})
    settings = json.loads(group["attributes"]) | call.settings(SETTINGS)
    parent = call.gitlab.db.get("namespaces", group["parent_id"]) if group["parent_id"] else None
    visibility = chosen_visibility(call, group["visibility"], parent)
    call.gitlab.db.update(
        "namespaces", group["id"], name=call.params.get("name", group["name"]), visibility=visibility, attributes=encode(settings)
    )
    return entities.group(call.gitlab, call.gitlab.db.get("namespaces", group["id"]))


@route("GET", "/groups/{id}/subgroups", paged=True, public=True)
def list_subgroups(call: Call) -> Any:
    """The groups directly below."""
    group = require_group(call.gitlab, call.someone, call.path["id"])
    return _shown(call, call.gitlab.db.all("SELECT * FROM namespaces WHERE parent_id = ? ORDER BY name, id", group["id"]))


@route("GET", "/groups/{id}/descendant_groups", paged=True, public=True)
def list_descendants(call: Call) -> Any:
    """All groups below."""
    group = require_group(call.gitlab, call.someone, call.path["id"])
    rows = call.gitlab.db.all(f"{BELOW} SELECT * FROM namespaces WHERE id IN (SELECT id FROM below) ORDER BY full_path", group["id"])
    return _shown(call, [row for row in rows if row["id"] != group["id"]])


@route("GET", "/groups/{id}/projects", paged=True, public=True, keyset=("id",))
def list_group_projects(call: Call) -> Any:
    """The group's projects; `include_subgroups` adds those further down."""
    group = require_group(call.gitlab, call.someone, call.path["id"])
    if not call.boolean("include_subgroups"):
        return _projects(call, [group["id"]])
    return _projects(call, [row["id"] for row in call.gitlab.db.all(f"{BELOW} SELECT id FROM below", group["id"])])


def chosen_visibility(call: Call, default: str, parent: Row | None) -> str:
    """Return the parameter `visibility`; ApiError 400 if it opens more than the group `parent` does."""
    chosen: str = call.choice("visibility", VISIBILITIES, default)
    if parent and parent["kind"] == "group" and VISIBILITIES.index(chosen) > VISIBILITIES.index(parent["visibility"]):
        raise bad_request({"visibility_level": [f"{chosen} is not allowed in a {parent['visibility']} group."]})
    return chosen


def _shown(call: Call, rows: list[Row]) -> list[dict[str, Any]]:
    search = call.params.get("search", "").lower()
    found = [row for row in rows if search in f"{row['name']} {row['full_path']}".lower()]
    seen = [row for row in found if visible(group_level(call.gitlab, call.someone, row["id"]), call.someone, row["visibility"])]
    return ordered(call, [entities.group(call.gitlab, row) for row in seen], ("name", "path", "id"), "name", "asc")


def _projects(call: Call, namespaces: list[int]) -> list[dict[str, Any]]:
    search = call.params.get("search", "").lower()
    rows = call.gitlab.db.all("SELECT * FROM projects ORDER BY id DESC")
    inside = [row for row in rows if row["namespace_id"] in namespaces and search in f"{row['name']} {row['path']}".lower()]
    seen = [row for row in inside if visible(project_level(call.gitlab, call.someone, row), call.someone, row["visibility"])]
    shown = [entities.project(call.gitlab, row) for row in seen]
    return ordered(call, shown, PROJECT_ORDERS, "created_at", "desc")
