"""Commit statuses: what others, such as a pipeline outside, say about a commit. Those of one commit and ref form a pipeline."""

from typing import Any

from sandbox.services.gitlab import entities
from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.payloads import urls
from sandbox.services.gitlab.store import Row

ACTIVE, FINISHED = ("pending", "running"), ("success", "failed", "canceled", "skipped")
# State that is asked for: the event of GitLab's state machine, and the states it leads away from. A finished status is never moved.
EVENTS = {
    "pending": ("enqueue", ()), "running": ("run", ("pending",)), "success": ("success", ACTIVE), "failed": ("drop", ACTIVE),
    "canceled": ("cancel", ACTIVE), "skipped": ("skip", ACTIVE),
}  # fmt: skip


def latest(rows: list[Row]) -> list[Row]:
    """Return the newest of each name and ref; `rows` are in the order of their ids."""
    return sorted({(row["name"], row["ref"]): row for row in rows}.values(), key=lambda row: int(row["id"]))


def of_commit(gitlab: Instance, project: Row, sha: str) -> list[Row]:
    """Return every status of the commit, oldest first."""
    return gitlab.db.all("SELECT * FROM commit_statuses WHERE project_id = ? AND sha = ? ORDER BY id", project["id"], sha)


def combined(states: list[str]) -> str | None:
    """Return what several states mean together, None for none: https://docs.gitlab.com/ci/pipelines/#pipeline-status."""
    found = set(states)
    if not found:
        return None
    if found <= {"pending"}:
        return "pending"
    if found & set(ACTIVE):
        return "running"
    return next(state for state in ("failed", "canceled", "success", "skipped") if state in found)


def last_pipeline(gitlab: Instance, project: Row, sha: str) -> dict[str, Any] | None:
    """Return the form of the newest pipeline of the commit, or None."""
    row = gitlab.db.one("SELECT * FROM pipelines WHERE project_id = ? AND sha = ? ORDER BY id DESC", project["id"], sha)
    if row is None:
        return None
    found = [each for each in latest(of_commit(gitlab, project, sha)) if each["pipeline_id"] == row["id"]]
    changed = max(each["finished_at"] or each["started_at"] or each["created_at"] for each in found)
    return {
        "id": row["id"], "iid": row["id"], "project_id": project["id"], "sha": sha, "ref": row["ref"], "source": "external",
        "status": combined([each["status"] for each in found]), "created_at": row["created_at"], "updated_at": changed,
        "web_url": f"{urls(gitlab, project)['web']}/-/pipelines/{row['id']}",
    }  # fmt: skip


def shown(gitlab: Instance, row: Row) -> dict[str, Any]:
    """Return the form of a status."""
    author = gitlab.db.one("SELECT * FROM users WHERE id = ?", row["author_id"])
    names = ("id", "sha", "ref", "status", "name", "target_url", "description", "created_at", "started_at", "finished_at",
             "coverage", "pipeline_id")  # fmt: skip
    return {name: row[name] for name in names} | {"allow_failure": False, "author": entities.user(gitlab, author) if author else None}
