"""Merge requests: https://docs.gitlab.com/api/merge_requests/."""

from typing import Any

from sandbox.services.gitlab import mr_entities
from sandbox.services.gitlab.access import DEVELOPER, OWNER, require_code, require_project, require_push
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import ApiError, bad_request
from sandbox.services.gitlab.merge_requests import ATTRIBUTES, attributes_of, is_draft, open_like, ref_of
from sandbox.services.gitlab.mr_changes import add_version, announce, change, close, next_iid, reopen
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.store import Row, encode, now

MERGE_REQUESTS = "/projects/{id}/merge_requests"
ONE = f"{MERGE_REQUESTS}/{{merge_request_iid}}"
TITLE_LENGTH = 255
TEXTS = ("title", "description", "target_branch")
SETTINGS = (
    "labels", "add_labels", "remove_labels", "assignee_id", "assignee_ids", "reviewer_ids", "squash", "remove_source_branch",
    "discussion_locked", "state_event",
)  # fmt: skip


@route("POST", MERGE_REQUESTS, status=201)
def create_merge_request(call: Call) -> Any:
    """A new merge request from a branch of this project, into it or, with `target_project_id`, into the one that it is a fork of."""
    source = require_push(call.gitlab, call.caller, call.path["id"])
    title, source_branch, target_branch = map(str, call.require("title", "source_branch", "target_branch"))
    _check_title(title)
    target = _target(call, source)
    row = {
        "project_id": target["id"], "source_project_id": source["id"], "source_branch": source_branch, "target_branch": target_branch,
        "title": title, "description": call.params.get("description"), "state": "opened", "author_id": call.caller.id,
        "attributes": encode(_attributes(call, ATTRIBUTES)), "created_at": now(), "updated_at": now(),
    }  # fmt: skip
    _check_branches(call, source, target, row)
    head = call.gitlab.repository(source).branch_tip(source_branch)
    assert head
    with call.gitlab.db.transaction():
        _refuse_second(call, row)
        id = call.gitlab.db.insert("merge_requests", iid=next_iid(call.gitlab, target), **row)
        made = call.gitlab.db.get("merge_requests", id)
        add_version(call.gitlab, made, head)
        announce(call.gitlab, made, call.caller.user, "open")
    call.gitlab.wake()
    return mr_entities.full(call.gitlab, made, call.caller)


@route("GET", ONE, public=True)
def get_merge_request(call: Call) -> Any:
    """One merge request."""
    asked = {"rebase_in_progress": False} if call.boolean("include_rebase_in_progress") else {}
    return mr_entities.full(call.gitlab, find(call), call.someone) | asked


@route("PUT", ONE)
def update_merge_request(call: Call) -> Any:
    """Change a merge request: its author and Developers may."""
    row = find(call)
    if row["author_id"] != call.caller.id:
        require_project(call.gitlab, call.caller, call.path["id"], DEVELOPER)
    if not any(name in call.params for name in TEXTS + SETTINGS):
        raise ApiError(400, {"error": f"{', '.join(TEXTS + SETTINGS)} are missing, at least one parameter must be provided"})
    _check_title(call.params.get("title", row["title"]))
    event = call.choice("state_event", ("close", "reopen"), None)
    project = call.gitlab.db.get("projects", row["project_id"])
    if call.gitlab.repository(project).branch_tip(str(call.params.get("target_branch", row["target_branch"]))) is None:
        raise bad_request({"target_branch": ["does not exist"]})
    with call.gitlab.db.transaction():
        row = _edit(call, call.gitlab.db.get("merge_requests", row["id"]))
        if event == "close" and row["state"] == "opened":
            row = close(call.gitlab, row, call.caller.user)
        if event == "reopen" and row["state"] == "closed":
            _refuse_second(call, row)
            row = reopen(call.gitlab, row, call.caller.user)
    call.gitlab.wake()
    return mr_entities.full(call.gitlab, row, call.caller)


@route("DELETE", ONE, status=204)
def delete_merge_request(call: Call) -> None:
    """Delete a merge request; its number is not given out again."""
    project = require_project(call.gitlab, call.caller, call.path["id"], OWNER)
    row = find(call)
    call.gitlab.db.execute("DELETE FROM merge_requests WHERE id = ?", row["id"])
    call.gitlab.repository(project).run("update-ref", "-d", ref_of(row))


def find(call: Call) -> Row:
    """Return the merge request that the call names; ApiError 404 or 403 if the caller may not see it."""
    project = require_code(call.gitlab, call.someone, call.path["id"])
    sql, iid = "SELECT * FROM merge_requests WHERE project_id = ? AND iid = ?", call.number("merge_request_iid")
    row = call.gitlab.db.one(sql, project["id"], iid)
    if row is None:
        raise ApiError(404, {"message": "404 Not found"})
    return row


def words(value: Any) -> list[str]:
    """Return the labels that a parameter means: a list, or text with commas."""
    parts = value if isinstance(value, list) else str(value or "").split(",")
    return [str(part).strip() for part in parts if str(part).strip()]


def _target(call: Call, source: Row) -> Row:
    wanted = call.integer("target_project_id")
    if wanted in (None, source["id"]):
        return source
    target = require_code(call.gitlab, call.caller, str(wanted))
    fork = call.gitlab.db.one("SELECT * FROM forks WHERE project_id = ? AND origin_id = ?", source["id"], target["id"])
    if fork is None:
        raise ApiError(422, {"message": ["Source project is not a fork of the target project"]})
    return target


def _check_title(title: Any) -> None:
    if not str(title).strip() or len(str(title)) > TITLE_LENGTH:
        raise bad_request(
            {"title": ["can't be blank" if not str(title).strip() else f"is too long (maximum is {TITLE_LENGTH} characters)"]}
        )


def _check_branches(call: Call, source: Row, target: Row, row: dict[str, Any]) -> None:
    if source["id"] == target["id"] and row["source_branch"] == row["target_branch"]:
        raise ApiError(422, {"message": ["You can't use same project/branch for source and target"]})
    sides = (("source_branch", source), ("target_branch", target))
    absent = {name: ["does not exist"] for name, project in sides if not call.gitlab.repository(project).branch_tip(row[name])}
    if absent:
        raise bad_request(absent)


def _refuse_second(call: Call, row: Row | dict[str, Any]) -> None:
    other = open_like(call.gitlab, row)
    if other:
        raise ApiError(409, {"message": [f"Another open merge request already exists for this source branch: !{other['iid']}"]})


def _edit(call: Call, row: Row) -> Row:
    """Set the texts and settings that are given. Inside a transaction."""
    values = {name: call.params[name] for name in TEXTS if name in call.params and call.params[name] != row[name]}
    attributes = _attributes(call, attributes_of(row))
    if attributes != attributes_of(row):
        values["attributes"] = encode(attributes)
    if not values:
        return row
    changed = {**dict(row), **values}
    if row["state"] == "opened" and "target_branch" in values:
        _refuse_second(call, changed)
    return change(call.gitlab, row, call.caller.user, "update", _notes(row, changed), **values)


def _notes(before: Row, after: dict[str, Any]) -> list[str]:
    """Return GitLab's system notes for changed texts."""
    notes = []
    if before["target_branch"] != after["target_branch"]:
        notes.append(f"changed target branch from `{before['target_branch']}` to `{after['target_branch']}`")
    if is_draft(before["title"]) != is_draft(after["title"]):
        notes.append(f"marked this merge request as **{'draft' if is_draft(after['title']) else 'ready'}**")
    elif before["title"] != after["title"]:
        notes.append(f"changed title from **{before['title']}** to **{after['title']}**")
    return notes + ["changed the description"] * (before["description"] != after["description"])


def _attributes(call: Call, before: dict[str, Any]) -> dict[str, Any]:
    labels = words(call.params["labels"]) if "labels" in call.params else before["labels"]
    labels = [*labels, *words(call.params.get("add_labels"))]
    gone = words(call.params.get("remove_labels"))
    people = {name: _people(call, name, before[name]) for name in ("assignee_ids", "reviewer_ids")}
    if "assignee_id" in call.params:
        people["assignee_ids"] = [id for id in [call.integer("assignee_id")] if id]
    return before | people | {
        "labels": sorted({label for label in labels if label not in gone}), "squash": call.boolean("squash", before["squash"]),
        "force_remove_source_branch": call.boolean("remove_source_branch", before["force_remove_source_branch"]),
        "discussion_locked": call.boolean("discussion_locked", before["discussion_locked"]),
    }  # fmt: skip


def _people(call: Call, name: str, before: list[int]) -> list[int]:
    given = call.params.get(name)
    if given is None:
        return before
    try:
        return [int(id) for id in (given if isinstance(given, list) else [given]) if int(id or 0)]
    except (TypeError, ValueError):
        raise ApiError(400, {"error": f"{name} is invalid"}) from None
