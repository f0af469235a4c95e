"""Rebasing the source branch of a merge request onto its target branch."""

import tempfile
from pathlib import Path

from sandbox.services.gitlab.auth import Caller
from sandbox.services.gitlab.git import GitError, Repository
from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.merge_requests import attributes_of, source_of, versions
from sandbox.services.gitlab.pushes import recording
from sandbox.services.gitlab.store import Row, encode

ERROR = "Rebase failed: Rebase locally, resolve all conflicts, then push the branch."


def rebase(gitlab: Instance, caller: Caller, row: Row) -> None:
    """Put the commits of the merge request on top of its target branch and move the source branch there.

    Where that fails, nothing moves and the merge request's `merge_error` says so, as with GitLab, which rebases in the background.
    """
    target, source = gitlab.repository(gitlab.db.get("projects", row["project_id"])), source_of(gitlab, row)
    head, onto = versions(gitlab, row)[0]["head"], target.branch_tip(row["target_branch"])
    error = None
    try:
        if source is None or onto is None:
            raise GitError("a branch is gone")
        rebased = _rebased(target, head, onto, caller)
        if source["id"] != row["project_id"]:
            gitlab.repository(source).run("fetch", "--quiet", "--no-tags", str(target.path), rebased)
        with recording(gitlab, source, caller.id) as env:
            gitlab.repository(source).update_ref(f"refs/heads/{row['source_branch']}", rebased, head, env)
    except GitError:
        error = ERROR
    gitlab.db.update("merge_requests", row["id"], attributes=encode(attributes_of(row) | {"merge_error": error}))


def _rebased(repository: Repository, head: str, onto: str, caller: Caller) -> str:
    """Return the last commit of the rebased ones; raises GitError where they conflict. It takes a working copy, for a moment."""
    committer = {"GIT_COMMITTER_NAME": caller.user["name"], "GIT_COMMITTER_EMAIL": caller.user["email"]}
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory) / "work"
        repository.run("worktree", "add", "--quiet", "--detach", str(work), head)
        copy = Repository(Path((work / ".git").read_text().removeprefix("gitdir: ").strip()))
        try:
            copy.run("rebase", "--quiet", onto, env=committer | {"GIT_WORK_TREE": str(work)})
            return copy.text("rev-parse", "HEAD")
        finally:
            repository.run("worktree", "remove", "--force", str(work))
