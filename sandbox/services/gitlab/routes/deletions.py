"""Deleting projects and groups, and bringing them back: https://docs.gitlab.com/api/projects/#delete-a-project."""

from typing import Any

from starlette.responses import JSONResponse, Response

from sandbox.services.gitlab import deletion, entities
from sandbox.services.gitlab.access import OWNER
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import bad_request
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.sources import EITHER, Source, find_source


@route("DELETE", EITHER)
def delete(call: Call) -> Response:
    """Mark a project or group for deletion, or delete it at once: where the instance keeps nothing, or what is marked, on request."""
    source = find_source(call, OWNER)
    marked = deletion.marked_on(call.gitlab, *source.key)
    if call.boolean("permanently_remove"):
        _check(call, source, marked)
        deletion.remove(call.gitlab, source.type, source.row)
    elif not call.gitlab.deletion_days:
        deletion.remove(call.gitlab, source.type, source.row)
    elif not marked:
        deletion.mark(call.gitlab, source.type, source.row)
    return JSONResponse({"message": "202 Accepted"}, 202)


@route("POST", f"{EITHER}/restore", status=201)
def restore(call: Call) -> Any:
    """Bring back what is marked for deletion."""
    source = find_source(call, OWNER)
    if deletion.marked_on(call.gitlab, *source.key) is None:
        raise bad_request(f"{source.type} has not been marked for deletion")
    deletion.restore(call.gitlab, source.type, source.row)
    row = call.gitlab.db.get("projects" if source.type == "Project" else "namespaces", source.id)
    return entities.project(call.gitlab, row) if source.type == "Project" else entities.group(call.gitlab, row)


def _check(call: Call, source: Source, marked: str | None) -> None:
    if not marked:
        raise bad_request(f"{source.type} must be marked for deletion first.")
    if call.params.get("full_path") != source.row["full_path"]:
        what = "project" if source.type == "Project" else "subgroup"
        raise bad_request(f"`full_path` is incorrect. You must enter the complete path for the {what}.")
