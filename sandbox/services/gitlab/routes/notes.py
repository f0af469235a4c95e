"""Notes on merge requests: https://docs.gitlab.com/api/notes/#merge-requests."""

from typing import Any

from sandbox.services.gitlab import mr_entities
from sandbox.services.gitlab.access import REPORTER, archived, project_level
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.deliveries import enqueue
from sandbox.services.gitlab.errors import ApiError, bad_request, forbidden, not_found
from sandbox.services.gitlab.mr_changes import add_note
from sandbox.services.gitlab.mr_payloads import note_payload
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.routes.merge_requests import ONE, find
from sandbox.services.gitlab.store import Row, now

NOTES = f"{ONE}/notes"
LENGTH = 1_000_000
FILTERS = {"all_notes": (0, 1), "only_comments": (0,), "only_activity": (1,)}


@route("GET", NOTES, paged=True, public=True)
def list_notes(call: Call) -> Any:
    """Notes, the latest first."""
    row = find(call)
    order = call.choice("order_by", ("created_at", "updated_at"), "created_at")
    kinds = FILTERS[call.choice("activity_filter", tuple(FILTERS), "all_notes")]
    rows = call.gitlab.db.all("SELECT * FROM notes WHERE merge_request_id = ?", row["id"])
    fits = [note for note in rows if note["system"] in kinds and _visible(call, row, note)]
    fits.sort(key=lambda note: (note[order], note["id"]), reverse=call.choice("sort", ("asc", "desc"), "desc") == "desc")
    return [mr_entities.note(call.gitlab, row, note) for note in fits]


@route("POST", NOTES, status=201)
def create_note(call: Call) -> Any:
    """A new comment."""
    row, body = find(call), _body(call)
    project = call.gitlab.db.get("projects", row["project_id"])
    internal = call.boolean("internal", call.boolean("confidential"))
    if archived(project) or (internal and project_level(call.gitlab, call.caller, project) < REPORTER):
        raise forbidden()
    with call.gitlab.db.transaction():
        id = add_note(call.gitlab, row, call.caller.id, body, internal=internal)
        note = _announced(call, row, id, "create")
    call.gitlab.wake()
    return mr_entities.note(call.gitlab, row, note)


@route("GET", f"{NOTES}/{{note_id}}", public=True)
def get_note(call: Call) -> Any:
    """One note."""
    row = find(call)
    return mr_entities.note(call.gitlab, row, _find(call, row))


@route("PUT", f"{NOTES}/{{note_id}}")
def update_note(call: Call) -> Any:
    """Change a comment: its author and Maintainers may."""
    row = find(call)
    note = _editable(call, row)
    body = _body(call)
    with call.gitlab.db.transaction():
        call.gitlab.db.update("notes", note["id"], body=body, updated_at=now())
        note = _announced(call, row, note["id"], "update")
    call.gitlab.wake()
    return mr_entities.note(call.gitlab, row, note)


@route("DELETE", f"{NOTES}/{{note_id}}", status=204)
def delete_note(call: Call) -> None:
    """Delete a comment: its author and Maintainers may."""
    note = _editable(call, find(call))
    call.gitlab.db.execute("DELETE FROM notes WHERE id = ?", note["id"])


def _visible(call: Call, row: Row, note: Row) -> bool:
    project = call.gitlab.db.get("projects", row["project_id"])
    return not note["internal"] or project_level(call.gitlab, call.someone, project) >= REPORTER


def _find(call: Call, row: Row) -> Row:
    note = call.gitlab.db.one("SELECT * FROM notes WHERE id = ? AND merge_request_id = ?", call.number("note_id"), row["id"])
    if note is None or not _visible(call, row, note):
        raise not_found("Note")
    return note


def _editable(call: Call, row: Row) -> Row:
    note = _find(call, row)
    project = call.gitlab.db.get("projects", row["project_id"])
    if note["system"] or not mr_entities.may_edit(call.gitlab, call.caller, project, note["author_id"]):
        raise forbidden()
    return note


def _body(call: Call) -> str:
    body = str(call.require("body")[0])
    if not body.strip():
        raise ApiError(400, {"message": '400 Bad request - Note {:note=>["can\'t be blank"]}'})
    if len(body) > LENGTH:
        raise bad_request({"note": [f"is too long (maximum is {LENGTH} characters)"]})
    return body


def _announced(call: Call, row: Row, id: int, action: str) -> Row:
    note = call.gitlab.db.get("notes", id)
    if not note["internal"]:  # those go to confidential_note_events, which no receiver here asks for
        payload = note_payload(call.gitlab, row, note, call.caller.user, action)
        enqueue(call.gitlab, call.gitlab.db.get("projects", row["project_id"]), payload)
    return note
