"""What a push means for merge requests: a new version, an end by merging, or an end because the branch is gone."""

from html import escape

from sandbox.services.gitlab.git import GitError
from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.merge_requests import source_tip, versions
from sandbox.services.gitlab.mr_changes import add_version, change, close
from sandbox.services.gitlab.payloads import urls
from sandbox.services.gitlab.store import Row, now


def follow(gitlab: Instance, project: Row, user: Row, branches: list[str]) -> None:
    """Act on `branches` of `project` that `user` has moved. What is found counts, not what moved: after a kill this runs again."""
    for branch in branches:  # first, so that a merge that also removes its source branch is one
        for row in _open(gitlab, "project_id = ? AND target_branch = ?", project["id"], branch):
            _end_if_merged(gitlab, project, row, user)
    for branch in branches:
        for row in _open(gitlab, "source_project_id = ? AND source_branch = ?", project["id"], branch):
            _follow_source(gitlab, row, user)


def _open(gitlab: Instance, where: str, project_id: int, branch: str) -> list[Row]:
    return gitlab.db.all(f"SELECT * FROM merge_requests WHERE state = 'opened' AND {where} ORDER BY id", project_id, branch)


def _end_if_merged(gitlab: Instance, project: Row, row: Row, user: Row) -> None:
    repository, version = gitlab.repository(project), versions(gitlab, row)[0]
    tip = repository.branch_tip(row["target_branch"])
    if tip is None or version["base"] == version["head"]:
        return
    if row["merging_sha"] and repository.is_ancestor(row["merging_sha"], tip):
        merged = row["merging_sha"] if len(repository.commit(row["merging_sha"]).parents) > 1 else None
    elif repository.is_ancestor(version["head"], tip):
        found = repository.text("rev-list", "--first-parent", "--merges", "--ancestry-path", f"{version['head']}..{tip}").splitlines()
        merged = found[-1] if found else None
    else:
        return
    values = {"state": "merged", "merge_commit_sha": merged, "merge_user_id": user["id"], "merged_at": now()}
    with gitlab.db.transaction():
        if gitlab.db.get("merge_requests", row["id"])["state"] == "opened":
            change(gitlab, row, user, "merge", ["merged"], **values)


def _follow_source(gitlab: Instance, row: Row, user: Row) -> None:
    with gitlab.db.transaction():
        row, tip, before = gitlab.db.get("merge_requests", row["id"]), source_tip(gitlab, row), versions(gitlab, row)[0]["head"]
        if row["state"] != "opened" or tip == before:
            return
        if tip is None:
            close(gitlab, row, user)
            return
        add_version(gitlab, row, tip)
        change(gitlab, row, user, "update", [_added(gitlab, row, before, tip)], oldrev=before)


def _added(gitlab: Instance, row: Row, before: str, tip: str) -> str:
    """Return GitLab's system note for new commits."""
    project = gitlab.db.get("projects", row["project_id"])
    try:
        commits = gitlab.repository(project).log("--reverse", f"{before}..{tip}", "--")
    except GitError:  # the former head is gone for good
        commits = []
    lines = "".join(f"<li>{commit.id[:8]} - {escape(commit.title)}</li>" for commit in commits)
    compared = f"{urls(gitlab, project)['web']}/-/merge_requests/{row['iid']}/diffs?start_sha={before}"
    count = f"{len(commits)} commit{'' if len(commits) == 1 else 's'}"
    return f"added {count}\n\n<ul>{lines}</ul>\n\n[Compare with previous version]({compared})"
