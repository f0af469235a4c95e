"""Merge requests: what they are made of."""

import json
import re
from typing import Any

from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.store import Row

DRAFT = re.compile(r"(?:\[draft\]|\(draft\)|draft:)\s*", re.IGNORECASE)
ATTRIBUTES: dict[str, Any] = {
    "labels": [], "assignee_ids": [], "reviewer_ids": [], "squash": False, "force_remove_source_branch": False, "discussion_locked": None,
    "merge_error": None,
}  # fmt: skip


def is_draft(title: str) -> bool:
    """Tell whether the title marks a draft."""
    return DRAFT.match(title) is not None


def ref_of(row: Row) -> str:
    """Return the ref under which the head of the merge request can be fetched from the target project."""
    return f"refs/merge-requests/{row['iid']}/head"


def attributes_of(row: Row) -> dict[str, Any]:
    """Return the settings of a merge request, defaults included."""
    given: dict[str, Any] = json.loads(row["attributes"])
    return ATTRIBUTES | given


def source_of(gitlab: Instance, row: Row) -> Row | None:
    """Return the project that the merge request comes from, or None if that fork is gone."""
    return gitlab.db.one("SELECT * FROM projects WHERE id = ?", row["source_project_id"])


def source_tip(gitlab: Instance, row: Row) -> str | None:
    """Return the commit at the tip of the source branch, or None if there is no such branch any more."""
    source = source_of(gitlab, row)
    return gitlab.repository(source).branch_tip(row["source_branch"]) if source else None


def versions(gitlab: Instance, row: Row) -> list[Row]:
    """Return the versions, newest first; each push to the source branch made one."""
    return gitlab.db.all("SELECT * FROM merge_request_versions WHERE merge_request_id = ? ORDER BY id DESC", row["id"])


def open_like(gitlab: Instance, row: Row | dict[str, Any]) -> Row | None:
    """Return the open merge request between the same branches as `row`, or None."""
    names = ("project_id", "source_project_id", "source_branch", "target_branch")
    where = " AND ".join(f"{name} = ?" for name in names)
    return gitlab.db.one(f"SELECT * FROM merge_requests WHERE state = 'opened' AND {where}", *(row[name] for name in names))
