"""What merge requests bring, and merging them."""

from typing import Any

from sandbox.services.gitlab import entities, mr_entities
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import ApiError, conflict, not_found, unauthorized
from sandbox.services.gitlab.merge_requests import attributes_of, source_of, versions
from sandbox.services.gitlab.mergeability import detailed_status
from sandbox.services.gitlab.merging import MERGING, merge, remove_source_branch
from sandbox.services.gitlab.protection import may_merge, may_push
from sandbox.services.gitlab.rebasing import rebase
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.routes.merge_requests import ONE, find


@route("GET", f"{ONE}/commits", paged=True, public=True)
def commits(call: Call) -> Any:
    """Commits, newest first."""
    row = find(call)
    return mr_entities.commits(call.gitlab, row, versions(call.gitlab, row)[0])


@route("GET", f"{ONE}/changes", public=True)
def changes(call: Call) -> Any:
    """The merge request with all differences."""
    row = find(call)
    diffs = mr_entities.diffs(call.gitlab, row, versions(call.gitlab, row)[0])
    return mr_entities.full(call.gitlab, row, call.someone) | {"changes": diffs, "overflow": False}


@route("GET", f"{ONE}/diffs", paged=True, public=True)
def diffs(call: Call) -> Any:
    """The differences, one entry a file."""
    row = find(call)
    return mr_entities.diffs(call.gitlab, row, versions(call.gitlab, row)[0])


@route("GET", f"{ONE}/versions", paged=True, public=True)
def list_versions(call: Call) -> Any:
    """Versions, newest first."""
    row = find(call)
    return [mr_entities.version(call.gitlab, row, each) for each in versions(call.gitlab, row)]


@route("GET", f"{ONE}/versions/{{version_id}}", public=True)
def get_version(call: Call) -> Any:
    """One version with its commits and differences."""
    row, id = find(call), call.number("version_id")
    found = next((each for each in versions(call.gitlab, row) if each["id"] == id), None)
    if found is None:
        raise not_found("Version")
    commits, diffs = mr_entities.commits(call.gitlab, row, found), mr_entities.diffs(call.gitlab, row, found)
    return mr_entities.version(call.gitlab, row, found) | {"commits": commits, "diffs": diffs}


@route("GET", f"{ONE}/participants", paged=True, public=True)
def participants(call: Call) -> Any:
    """The author and all who wrote a comment."""
    row = find(call)
    notes = call.gitlab.db.all("SELECT author_id FROM notes WHERE merge_request_id = ? AND NOT system ORDER BY id", row["id"])
    ids = dict.fromkeys([row["author_id"], *(note["author_id"] for note in notes)])
    found = [call.gitlab.db.one("SELECT * FROM users WHERE id = ?", id) for id in ids]
    return [entities.user(call.gitlab, user) for user in found if user]


@route("PUT", f"{ONE}/rebase", status=202)
def rebase_source(call: Call) -> Any:
    """Rebase the source branch. GitLab does it later; here it is done when the answer comes, or `merge_error` tells why not."""
    row = find(call)
    source = source_of(call.gitlab, row)
    if source is None or not may_push(call.gitlab, call.caller, source, row["source_branch"]):
        raise ApiError(403, {"message": "Cannot push to source branch"})
    if row["state"] != "opened":
        raise ApiError(405, {"message": "405 Method Not Allowed"})
    rebase(call.gitlab, call.caller, row)
    return {"rebase_in_progress": True}


@route("PUT", f"{ONE}/merge")
def accept(call: Call) -> Any:
    """Merge. With `sha`, only if that is the head still."""
    row = find(call)
    project, head = call.gitlab.db.get("projects", row["project_id"]), versions(call.gitlab, row)[0]["head"]
    if not may_merge(call.gitlab, call.caller, project, row["target_branch"]):
        raise unauthorized()
    if call.params.get("sha", head) != head:
        raise conflict(f"SHA does not match HEAD of source branch: {head}")
    settings = attributes_of(row)
    squash = call.boolean("squash", settings["squash"])
    texts = {"message": call.params.get("merge_commit_message"), "squash_message": call.params.get("squash_commit_message")}
    with MERGING:
        if detailed_status(call.gitlab, find(call)) != "mergeable":
            raise ApiError(405, {"message": "405 Method Not Allowed"})
        merge(call.gitlab, call.caller, row, squash=squash, **texts)
    if call.boolean("should_remove_source_branch", settings["force_remove_source_branch"]):
        remove_source_branch(call.gitlab, call.caller, row)
    return mr_entities.full(call.gitlab, call.gitlab.db.get("merge_requests", row["id"]), call.caller)
