"""Projects."""

import json
import re
import sqlite3
from typing import Any

from starlette.responses import Response

from sandbox.services.harbor import access, settings, usage
from sandbox.services.harbor.call import Call
from sandbox.services.harbor.errors import bad_request, conflict, forbidden, not_found, precondition
from sandbox.services.harbor.instance import ADMIN, add_project, metadata
from sandbox.services.harbor.metadata import checked
from sandbox.services.harbor.router import route
from sandbox.services.harbor.routes.registries import shown as registry_shown
from sandbox.services.harbor.store import Row, encode, now

NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
LONGEST = 255
ADMIN_ROLE = 1  # Harbor's id of the role projectAdmin
PROXIES = ("docker-hub", "docker-registry", "harbor", "aws-ecr", "azure-acr", "google-gcr", "quay", "github-ghcr", "jfrog-artifactory")
FIELDS = {
    "project_name": str, "public": bool, "metadata": dict, "cve_allowlist": dict, "storage_limit": int, "registry_id": int,
}  # fmt: skip


def shown(call: Call, project: Row) -> dict[str, Any]:
    """Return the form of a project."""
    roles = [ADMIN_ROLE] if call.caller.admin else []
    fields = {
        "project_id": project["id"], "name": project["name"], "owner_id": 1, "owner_name": ADMIN, "metadata": metadata(project),
        "creation_time": project["creation_time"], "update_time": project["update_time"], "deleted": False, "togglable": call.caller.admin,
        "current_user_role_id": roles[0] if roles else 0, "current_user_role_ids": roles, "repo_count": _repositories(call, project),
        "cve_allowlist": {
            "id": project["id"], "project_id": project["id"], **json.loads(project["cve_allowlist"]),
            "creation_time": project["creation_time"], "update_time": project["update_time"],
        },
    }  # fmt: skip
    return fields if project["registry_id"] is None else fields | {"registry_id": project["registry_id"]}


@route("GET", "/projects", paged=True)
def list_projects(call: Call) -> Any:
    """List the projects that the caller sees, narrowed by `name`, `public` and `owner`."""
    found = [row for row in call.harbor.db.all("SELECT * FROM projects ORDER BY name") if access.sees(call.caller, row)]
    found = [row for row in found if call.query.get("name", "") in row["name"] and call.query.get("owner", ADMIN) == ADMIN]
    if "public" in call.query:
        found = [row for row in found if (metadata(row).get("public") == "true") == call.asks("public")]
    return [shown(call, row) for row in found]


@route("HEAD", "/projects")
def head_project(call: Call) -> Response:
    """Tell whether a project of this name is there."""
    call.require_login()
    if not call.query.get("project_name"):
        raise bad_request("project_name is required")
    there = access.find_project(call.harbor, call.query["project_name"], by_name=True)
    return Response(status_code=200 if there else 404)


@route("POST", "/projects", status=201)
def create_project(call: Call) -> None:
    """Make a project."""
    call.require_login()
    only_admin = settings.value(call.harbor.db, "project_creation_restriction") == "adminonly" or not call.caller.admin
    if only_admin and not access.may_system(call.caller, "project", "create"):
        raise forbidden("Only system admin can create project")
    given = call.fields(FIELDS, ("project_name",))
    name, registry_id = given["project_name"], given.get("registry_id")
    if not NAME.fullmatch(name) or len(name) > LONGEST:
        raise bad_request(f"project name {name!r} is not in lower case, longer than {LONGEST} characters or contains illegal characters")
    data = {"public": str(given.get("public", False)).lower()} | checked(given.get("metadata", {}))
    if "retention_id" in data:
        raise bad_request("the retention_id of a new project should be omitted")
    registry = call.harbor.db.find("registries", registry_id) if registry_id else None
    if registry_id is not None and registry is None:
        raise not_found(f"registry {registry_id}")
    if registry and json.loads(registry["attributes"])["type"] not in PROXIES:
        raise bad_request(f"unsupported registry type {json.loads(registry['attributes'])['type']}")
    limit = given.get("storage_limit") or settings.value(call.harbor.db, "storage_per_project")
    _check_limit(limit)
    try:
        id = add_project(call.harbor.db, name, data, limit, registry_id)
    except sqlite3.IntegrityError:
        raise conflict(f"The project named {name} already exists") from None
    _set_allowlist(call, id, given)
    call.created(name if call.flag(call.headers.get("x-resource-name-in-location")) else id)


@route("GET", "/projects/{project_name_or_id}")
def get_project(call: Call) -> Any:
    """Show a project."""
    return shown(call, call.project("project", "read"))


@route("PUT", "/projects/{project_name_or_id}")
def update_project(call: Call) -> None:
    """Change the settings given; the others stay."""
    project = call.project("project", "update")
    given = call.fields(FIELDS)
    changes = checked(given.get("metadata", {}))
    changes.pop("retention_id", None)
    if "public" in given:
        changes.setdefault("public", str(given["public"]).lower())
    if "storage_limit" in given:
        _check_limit(given["storage_limit"])
    with call.harbor.db.transaction():
        call.harbor.db.update("projects", project["id"], metadata=encode(metadata(project) | changes), update_time=now())
        if given.get("storage_limit") and call.caller.admin:
            call.harbor.db.update("projects", project["id"], hard=given["storage_limit"])
        _set_allowlist(call, project["id"], given)


@route("DELETE", "/projects/{project_name_or_id}")
def delete_project(call: Call) -> None:
    """Delete a project without repositories, with its robots, rules and policies."""
    project = call.project("project", "delete")
    with call.harbor.db.transaction():
        if _repositories(call, project):
            raise precondition("the project contains repositories, can not be deleted")
        # A later project of this name is another one: what was allowed in this one ends.
        for robot in call.harbor.db.all("SELECT id, permissions FROM robots"):
            grants = json.loads(robot["permissions"])
            kept = [grant for grant in grants if (grant["kind"], grant["namespace"]) != ("project", project["name"])]
            if kept != grants:
                call.harbor.db.update("robots", robot["id"], permissions=encode(kept))
        call.harbor.db.execute("DELETE FROM projects WHERE id = ?", project["id"])


@route("GET", "/projects/{project_name_or_id}/_deletable")
def deletable(call: Call) -> Any:
    """Tell whether the project can be deleted."""
    project = call.project("project", "delete")
    if _repositories(call, project):
        return {"deletable": False, "message": "the project contains repositories, can not be deleted"}
    return {"deletable": True}


@route("GET", "/projects/{project_name_or_id}/summary")
def summary(call: Call) -> Any:
    """Show what the project holds."""
    project = call.project("project", "read")
    counts = {f"{role}_count": 0 for role in ("maintainer", "developer", "guest", "limited_guest")}
    quota = {"hard": {"storage": project["hard"]}, "used": {"storage": usage.used(call.harbor.db, project["id"])}}
    found = {"repo_count": _repositories(call, project), "project_admin_count": 1, **counts, "quota": quota}
    registry = call.harbor.db.find("registries", project["registry_id"]) if project["registry_id"] else None
    return found | ({"registry": registry_shown(registry)} if registry else {})


@route("GET", "/projects/{project_name_or_id}/members", paged=True)
def members(call: Call) -> Any:
    """List the members: the administrator, who owns every project."""
    project = call.project("member", "list")
    return [{
        "id": project["id"], "project_id": project["id"], "entity_name": ADMIN, "role_name": "projectAdmin", "role_id": ADMIN_ROLE,
        "entity_id": 1, "entity_type": "u",
    }]  # fmt: skip


def _repositories(call: Call, project: Row) -> int:
    return call.harbor.db.number("SELECT COUNT(*) FROM repositories WHERE project_id = ?", project["id"])


def _check_limit(limit: int) -> None:
    if limit < -1:
        raise bad_request(f"storage_limit is {limit}, expected -1 or a number of bytes")


def _set_allowlist(call: Call, project_id: int, given: dict[str, Any]) -> None:
    if "cve_allowlist" in given:
        wanted = given["cve_allowlist"]
        content = {"items": wanted.get("items") or [], "expires_at": wanted.get("expires_at")}
        if not isinstance(content["items"], list) or not all(isinstance(each, dict) and "cve_id" in each for each in content["items"]):
            raise bad_request("cve_allowlist.items is to be a list of {cve_id}")
        call.harbor.db.update("projects", project_id, cve_allowlist=encode(content))
