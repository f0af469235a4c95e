"""Merge requests, their versions and notes in the form in which the API shows them."""

from typing import Any

from sandbox.services.gitlab import entities, repo_entities, statuses
from sandbox.services.gitlab.access import MAINTAINER, project_level
from sandbox.services.gitlab.auth import Caller
from sandbox.services.gitlab.git import EMPTY_TREE
from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.merge_requests import attributes_of, is_draft, versions
from sandbox.services.gitlab.mergeability import detailed_status
from sandbox.services.gitlab.payloads import urls
from sandbox.services.gitlab.protection import may_merge
from sandbox.services.gitlab.store import Row

CANNOT = ("conflict", "commits_status")


def basic(gitlab: Instance, row: Row) -> dict[str, Any]:
    """Return the form in lists."""
    project, attributes, status = gitlab.db.get("projects", row["project_id"]), attributes_of(row), detailed_status(gitlab, row)
    merge_user, assignees = _user(gitlab, row["merge_user_id"]), _users(gitlab, attributes["assignee_ids"])
    comments = gitlab.db.all("SELECT id FROM notes WHERE merge_request_id = ? AND NOT system", row["id"])
    names = ("id", "iid", "project_id", "title", "description", "state", "created_at", "updated_at", "merged_at", "closed_at",
             "target_branch", "source_branch", "source_project_id", "merge_commit_sha", "squash_commit_sha")  # fmt: skip
    draft, reference = is_draft(row["title"]), f"!{row['iid']}"
    return {name: row[name] for name in names} | {
        "merged_by": merge_user, "merge_user": merge_user, "closed_by": _user(gitlab, row["closed_by_id"]), "upvotes": 0, "downvotes": 0,
        "user_notes_count": len(comments), "author": _user(gitlab, row["author_id"]), "assignees": assignees,
        "assignee": next(iter(assignees), None), "reviewers": _users(gitlab, attributes["reviewer_ids"]),
        "target_project_id": project["id"], "labels": attributes["labels"], "draft": draft, "work_in_progress": draft, "imported": False,
        "imported_from": "none", "milestone": None, "merge_when_pipeline_succeeds": False, "detailed_merge_status": status,
        "merge_status": "cannot_be_merged" if status in CANNOT else "can_be_merged", "merge_after": None,
        "sha": versions(gitlab, row)[0]["head"], "discussion_locked": attributes["discussion_locked"],
        "should_remove_source_branch": None, "force_remove_source_branch": attributes["force_remove_source_branch"],
        "prepared_at": row["created_at"], "reference": reference,
        "web_url": f"{urls(gitlab, project)['web']}/-/merge_requests/{row['iid']}",
        "references": {"short": reference, "relative": reference, "full": f"{project['full_path']}{reference}"},
        "time_stats": {"time_estimate": 0, "total_time_spent": 0, "human_time_estimate": None, "human_total_time_spent": None},
        "squash": attributes["squash"], "squash_on_merge": attributes["squash"], "has_conflicts": status == "conflict",
        "task_completion_status": {"count": 0, "completed_count": 0}, "blocking_discussions_resolved": True,
    }  # fmt: skip


def full(gitlab: Instance, row: Row, caller: Caller | None) -> dict[str, Any]:
    """Return the form of one merge request that was asked for."""
    project, version = gitlab.db.get("projects", row["project_id"]), versions(gitlab, row)[0]
    repository = gitlab.repository(project)
    pipeline = statuses.last_pipeline(gitlab, project, version["head"])
    files = repository.changes(version["base"], version["head"])
    return basic(gitlab, row) | {
        "subscribed": caller is not None and caller.id == row["author_id"], "changes_count": str(len(files)) if files else None,
        "latest_build_started_at": None, "latest_build_finished_at": None, "first_deployed_to_production_at": None,
        "pipeline": pipeline, "head_pipeline": pipeline, "merge_error": attributes_of(row)["merge_error"], "first_contribution": False,
        "diff_refs": {"base_sha": version["base"], "head_sha": version["head"], "start_sha": version["start"]},
        "user": {"can_merge": caller is not None and may_merge(gitlab, caller, project, row["target_branch"])},
    }  # fmt: skip


def version(gitlab: Instance, row: Row, found: Row) -> dict[str, Any]:
    """Return the form of one version of the merge request `row`."""
    changed = gitlab.repository(gitlab.db.get("projects", row["project_id"])).changes(found["base"], found["head"])
    return {
        "id": found["id"], "head_commit_sha": found["head"], "base_commit_sha": found["base"], "start_commit_sha": found["start"],
        "created_at": found["created_at"], "merge_request_id": row["id"], "state": "collected" if changed else "empty",
        "real_size": str(len(changed)),
    }  # fmt: skip


def commits(gitlab: Instance, row: Row, found: Row) -> list[dict[str, Any]]:
    """Return the commits of one version, newest first."""
    project = gitlab.db.get("projects", row["project_id"])
    listed = gitlab.repository(project).log(f"{found['start']}..{found['head']}", "--")
    return [repo_entities.commit(gitlab, project, each) for each in listed]


def diffs(gitlab: Instance, row: Row, found: Row) -> list[dict[str, Any]]:
    """Return what one version changes."""
    repository = gitlab.repository(gitlab.db.get("projects", row["project_id"]))
    return repo_entities.diffs(repository, found["base"] or EMPTY_TREE, found["head"])


def note(gitlab: Instance, row: Row, found: Row) -> dict[str, Any]:
    """Return the form of a note on the merge request `row`."""
    return {
        "id": found["id"], "type": None, "body": found["body"], "author": _user(gitlab, found["author_id"]),
        "created_at": found["created_at"], "updated_at": found["updated_at"], "system": bool(found["system"]), "noteable_id": row["id"],
        "noteable_type": "MergeRequest", "noteable_iid": row["iid"], "project_id": row["project_id"], "commit_id": None,
        "resolvable": False, "confidential": bool(found["internal"]), "internal": bool(found["internal"]), "imported": False,
        "imported_from": "none", "commands_changes": {},
    }  # fmt: skip


def may_edit(gitlab: Instance, caller: Caller, project: Row, author_id: int) -> bool:
    """Tell whether `caller` may change what the user `author_id` wrote: the author and Maintainers may."""
    return caller.id == author_id or project_level(gitlab, caller, project) >= MAINTAINER


def _user(gitlab: Instance, id: int | None) -> dict[str, Any] | None:
    row = gitlab.db.one("SELECT * FROM users WHERE id = ?", id) if id else None
    return entities.user(gitlab, row) if row else None


def _users(gitlab: Instance, ids: list[int]) -> list[dict[str, Any]]:
    return [shown for shown in (_user(gitlab, id) for id in ids) if shown]
