"""Bodies of the webhook requests for merge requests and their notes."""

import json
import zlib
from datetime import datetime
from typing import Any

from sandbox.services.gitlab import merge_requests
from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.payloads import project_part, urls
from sandbox.services.gitlab.store import Row

STATE_IDS = {"opened": 1, "closed": 2, "merged": 3, "locked": 4}
HOOK_PROJECT_EXTRA = ("id", "ci_config_path")  # what the project itself has and `source` and `target` do not


def merge_request_payload(
    gitlab: Instance, row: Row, user: Row, action: str, head: str, *, before: Row | None = None, oldrev: str | None = None
) -> dict[str, Any]:
    """Return the body for `action` (open, update, close, reopen, merge) of `user`.

    `head` is the last commit; `before` the row as it was; `oldrev` the former head, if commits came.
    """
    project, attributes = gitlab.db.get("projects", row["project_id"]), merge_requests.attributes_of(row)
    shown = merge_request_part(gitlab, row, head) | {"action": action}
    shown |= ({"oldrev": oldrev} if oldrev else {}) | ({"merge_commit_sha": row["merge_commit_sha"]} if action == "merge" else {})
    return {
        "object_kind": "merge_request", "event_type": "merge_request", "user": person(user), "project": project_part(gitlab, project),
        "repository": repository_part(gitlab, project), "object_attributes": shown, "labels": shown["labels"],
        "changes": _changes(row, before), "assignees": _people(gitlab, attributes["assignee_ids"]),
        "reviewers": _people(gitlab, attributes["reviewer_ids"]),
    }  # fmt: skip


def note_payload(gitlab: Instance, row: Row, note: Row, user: Row, action: str) -> dict[str, Any]:
    """Return the body for a note on the merge request `row` that `user` wrote (`action` create) or changed (update)."""
    project = gitlab.db.get("projects", row["project_id"])
    head = merge_requests.versions(gitlab, row)[0]["head"]
    shown = {
        "id": note["id"], "internal": bool(note["internal"]), "note": note["body"], "description": note["body"],
        "noteable_type": "MergeRequest", "noteable_id": row["id"], "author_id": note["author_id"], "project_id": project["id"],
        "created_at": note["created_at"], "updated_at": note["updated_at"], "attachment": None, "line_code": None, "commit_id": "",
        "system": bool(note["system"]), "st_diff": None, "type": None, "action": action,
        "url": f"{urls(gitlab, project)['web']}/-/merge_requests/{row['iid']}#note_{note['id']}",
    }  # fmt: skip
    return {
        "object_kind": "note", "event_type": "confidential_note" if note["internal"] else "note", "user": person(user),
        "project_id": project["id"], "project": project_part(gitlab, project), "repository": repository_part(gitlab, project),
        "object_attributes": shown, "merge_request": merge_request_part(gitlab, row, head),
    }  # fmt: skip


def person(user: Row) -> dict[str, Any]:
    """Return the `user` object of a body."""
    return {"id": user["id"], "name": user["name"], "username": user["username"], "avatar_url": None, "email": user["email"]}


def repository_part(gitlab: Instance, project: Row) -> dict[str, Any]:
    """Return the short `repository` object that these events have."""
    address, description = urls(gitlab, project), json.loads(project["attributes"]).get("description")
    return {"name": project["name"], "url": address["ssh"], "description": description, "homepage": address["web"]}


def merge_request_part(gitlab: Instance, row: Row, head: str) -> dict[str, Any]:
    """Return a merge request as bodies show it."""
    project, attributes = gitlab.db.get("projects", row["project_id"]), merge_requests.attributes_of(row)
    source, draft = merge_requests.source_of(gitlab, row), merge_requests.is_draft(row["title"])
    names = ("id", "iid", "target_branch", "source_branch", "source_project_id", "author_id", "title", "created_at", "updated_at", "state",
             "description")  # fmt: skip
    # Whether it can be merged is found out later, as GitLab does: receivers ask the API.
    status = "checking" if row["state"] == "opened" else "not_open"
    return {name: row[name] for name in names} | {
        "assignee_ids": attributes["assignee_ids"], "assignee_id": next(iter(attributes["assignee_ids"]), None),
        "reviewer_ids": attributes["reviewer_ids"], "last_edited_at": None, "last_edited_by_id": None, "milestone_id": None,
        "state_id": STATE_IDS[row["state"]], "blocking_discussions_resolved": True, "work_in_progress": draft, "draft": draft,
        "first_contribution": False, "merge_status": "unchecked" if row["state"] == "opened" else "can_be_merged",
        "detailed_merge_status": status, "target_project_id": project["id"], "prepared_at": row["created_at"], "total_time_spent": 0,
        "time_change": 0, "human_total_time_spent": None, "human_time_change": None, "human_time_estimate": None,
        "url": f"{urls(gitlab, project)['web']}/-/merge_requests/{row['iid']}", "source": source and _side(gitlab, source),
        "target": _side(gitlab, project), "last_commit": _last_commit(gitlab, project, head),
        "labels": [_label(project, name) for name in attributes["labels"]],
    }  # fmt: skip


def _side(gitlab: Instance, project: Row) -> dict[str, Any]:
    return {name: value for name, value in project_part(gitlab, project).items() if name not in HOOK_PROJECT_EXTRA}


def _last_commit(gitlab: Instance, project: Row, head: str) -> dict[str, Any]:
    commit = gitlab.repository(project).commit(head)
    return {
        "id": commit.id, "message": commit.message, "title": commit.title, "timestamp": commit.authored,
        "url": f"{urls(gitlab, project)['web']}/-/commit/{commit.id}",
        "author": {"name": commit.author_name, "email": commit.author_email},
    }  # fmt: skip


def _label(project: Row, name: str) -> dict[str, Any]:
    # Labels are no objects of their own here: the id only has to be the same each time.
    return {
        "id": zlib.crc32(name.encode()), "title": name, "color": "#6699cc", "project_id": project["id"], "template": False,
        "description": None, "type": "ProjectLabel", "group_id": None, "created_at": project["created_at"],
        "updated_at": project["created_at"],
    }  # fmt: skip


def _people(gitlab: Instance, ids: list[int]) -> list[dict[str, Any]]:
    found = [gitlab.db.one("SELECT * FROM users WHERE id = ?", id) for id in ids]
    return [{name: value for name, value in person(user).items() if name != "email"} for user in found if user]


def _changes(row: Row, before: Row | None) -> dict[str, Any]:
    old, new = _watched(before) if before else {"updated_at": None}, _watched(row)
    return {name: {"previous": value, "current": new[name]} for name, value in old.items() if value != new[name]}


def _watched(row: Row) -> dict[str, Any]:
    names = ("title", "description", "target_branch", "merge_commit_sha")
    updated = datetime.fromisoformat(row["updated_at"]).strftime("%Y-%m-%d %H:%M:%S UTC")
    states = {"state_id": STATE_IDS[row["state"]], "draft": merge_requests.is_draft(row["title"]), "updated_at": updated}
    return {name: row[name] for name in names} | states
