"""Every change of a merge request, with its system notes and webhooks."""

from typing import Any

from sandbox.services.gitlab.deliveries import enqueue
from sandbox.services.gitlab.git import GitError
from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.merge_requests import ref_of, source_of, source_tip, versions
from sandbox.services.gitlab.mr_payloads import merge_request_payload
from sandbox.services.gitlab.store import Row, now


def next_iid(gitlab: Instance, project: Row) -> int:
    """Return the number for the next merge request of `project`, never given out before. Inside a transaction."""
    upsert = "INSERT INTO merge_request_counters VALUES (?, 1) ON CONFLICT DO UPDATE SET last_iid = last_iid + 1"
    gitlab.db.execute(upsert, project["id"])
    row = gitlab.db.one("SELECT last_iid FROM merge_request_counters WHERE project_id = ?", project["id"])
    assert row
    return int(row["last_iid"])


def add_version(gitlab: Instance, row: Row, head: str) -> None:
    """Add the version with `head` and let it be fetched from the target project. Inside a transaction."""
    target = gitlab.repository(gitlab.db.get("projects", row["project_id"]))
    source = source_of(gitlab, row)
    if source and source["id"] != row["project_id"]:
        target.run(
            "fetch", "--quiet", "--no-tags", str(gitlab.repository(source).path), f"+refs/heads/{row['source_branch']}:{ref_of(row)}"
        )
    target.run("update-ref", ref_of(row), head)
    start = target.branch_tip(row["target_branch"]) or head
    try:
        base = target.text("merge-base", start, head)
    except GitError:  # no common history
        base = start
    values = {"head": head, "base": base, "start": start, "created_at": now()}
    gitlab.db.insert("merge_request_versions", merge_request_id=row["id"], **values)


def add_note(gitlab: Instance, row: Row, author_id: int, body: str, *, system: bool = False, internal: bool = False) -> int:
    """Add a note and return its id; `system` ones are GitLab's own."""
    times = {"created_at": now(), "updated_at": now()}
    return gitlab.db.insert("notes", merge_request_id=row["id"], author_id=author_id, body=body, system=system, internal=internal, **times)


def change(
    gitlab: Instance, row: Row, user: Row, action: str, notes: list[str], *, oldrev: str | None = None, **values: Any
) -> Row:  # fmt: skip
    """Set the columns `values`, leave system notes, queue webhooks for `action` and return the new row. Inside a transaction."""
    gitlab.db.update("merge_requests", row["id"], updated_at=now(), **values)
    for body in notes:
        add_note(gitlab, row, user["id"], body, system=True)
    changed = gitlab.db.get("merge_requests", row["id"])
    announce(gitlab, changed, user, action, before=row, oldrev=oldrev)
    return changed


def announce(gitlab: Instance, row: Row, user: Row, action: str, *, before: Row | None = None, oldrev: str | None = None) -> None:
    """Queue webhooks for what `user` did. Inside a transaction."""
    found = versions(gitlab, row)
    payload = merge_request_payload(gitlab, row, user, action, found[0]["head"], before=before, oldrev=oldrev)
    enqueue(gitlab, gitlab.db.get("projects", row["project_id"]), payload)


def close(gitlab: Instance, row: Row, user: Row) -> Row:
    """Close an open merge request. Inside a transaction."""
    return change(gitlab, row, user, "close", ["closed"], state="closed", closed_by_id=user["id"], closed_at=now())


def reopen(gitlab: Instance, row: Row, user: Row) -> Row:
    """Open a closed merge request again, with what was pushed meanwhile. Inside a transaction."""
    tip = source_tip(gitlab, row)
    if tip and tip != versions(gitlab, row)[0]["head"]:
        add_version(gitlab, row, tip)
    return change(gitlab, row, user, "reopen", ["reopened"], state="opened", closed_by_id=None, closed_at=None)
