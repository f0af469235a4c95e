"""The settings of a project, one by one."""

from typing import Any

from sandbox.services.harbor.call import Call
from sandbox.services.harbor.errors import bad_request, conflict, not_found
from sandbox.services.harbor.instance import metadata
from sandbox.services.harbor.metadata import checked
from sandbox.services.harbor.router import route
from sandbox.services.harbor.store import Row, encode

PATH = "/projects/{project_name_or_id}/metadatas/"
ONE = f"{PATH}{{meta_name}}"


@route("GET", PATH)
def list_metadata(call: Call) -> Any:
    """Show all settings."""
    return metadata(call.project("metadata", "list"))


@route("POST", PATH)
def add_metadata(call: Call) -> None:
    """Add one setting that is not there."""
    project = call.project("metadata", "create")
    name, value = _one(call)
    if name in metadata(project):
        raise conflict(f"the metadata {name} of project {project['name']} exists already")
    _save(call, project, {name: value})


@route("GET", ONE)
def get_metadata(call: Call) -> Any:
    """Show one setting."""
    name = call.path["meta_name"]
    return {name: _require(call, call.project("metadata", "read"))[name]}


@route("PUT", ONE)
def update_metadata(call: Call) -> None:
    """Change one setting that is there."""
    project = call.project("metadata", "update")
    _require(call, project)
    name, value = _one(call)
    if name != call.path["meta_name"]:
        raise bad_request(f"the body names {name}, and the path {call.path['meta_name']}")
    _save(call, project, {name: value})


@route("DELETE", ONE)
def delete_metadata(call: Call) -> None:
    """Remove one setting that is there."""
    project = call.project("metadata", "delete")
    kept = _require(call, project)
    del kept[call.path["meta_name"]]
    call.harbor.db.update("projects", project["id"], metadata=encode(kept))


def _one(call: Call) -> tuple[str, str]:
    found = checked(call.body) if isinstance(call.body, dict) else {}
    if len(found) != 1:
        raise bad_request("the body is to hold one of the settings of a project")
    return next(iter(found.items()))


def _require(call: Call, project: Row) -> dict[str, str]:
    found = metadata(project)
    if call.path["meta_name"] not in found:
        raise not_found(f"metadata {call.path['meta_name']} of project {project['name']}")
    return found


def _save(call: Call, project: Row, changes: dict[str, str]) -> None:
    call.harbor.db.update("projects", project["id"], metadata=encode(metadata(project) | changes))
