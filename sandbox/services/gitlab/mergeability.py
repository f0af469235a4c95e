"""Whether a merge request can be merged, and by whom: https://docs.gitlab.com/api/merge_requests/#merge-status."""

import json
from typing import Any

from sandbox.services.gitlab import entities, statuses
from sandbox.services.gitlab.git import GitError, Repository
from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.merge_requests import is_draft, source_tip, versions
from sandbox.services.gitlab.store import Row


def setting(project: Row, name: str) -> Any:
    """Return the setting `name` of `project`."""
    return (entities.PROJECT_SETTINGS | json.loads(project["attributes"]))[name]


def merged_tree(repository: Repository, ours: str, theirs: str) -> str | None:
    """Return the tree of the two commits merged, or None where they conflict."""
    try:
        return repository.text("merge-tree", "--write-tree", "--no-messages", ours, theirs)
    except GitError:
        return None


def detailed_status(gitlab: Instance, row: Row) -> str:
    """Return GitLab's `detailed_merge_status`: mergeable, or the first thing in the way."""
    if row["state"] != "opened":
        return "not_open"
    if is_draft(row["title"]):
        return "draft_status"
    project, version = gitlab.db.get("projects", row["project_id"]), versions(gitlab, row)[0]
    repository = gitlab.repository(project)
    target = repository.branch_tip(row["target_branch"])
    if target is None or version["base"] == version["head"] or source_tip(gitlab, row) is None:
        return "commits_status"
    if setting(project, "only_allow_merge_if_pipeline_succeeds"):
        pipeline = statuses.last_pipeline(gitlab, project, version["head"])
        if pipeline is None or pipeline["status"] != "success":
            return "ci_still_running" if pipeline and pipeline["status"] in statuses.ACTIVE else "ci_must_pass"
    if merged_tree(repository, target, version["head"]) is None:
        return "conflict"
    if setting(project, "merge_method") != "merge" and not repository.is_ancestor(target, version["head"]):
        return "need_rebase"
    return "mergeable"
