"""Merging by the API: a commit is made of both sides, then the target branch moves there as with any push."""

from threading import Lock

from sandbox.services.gitlab.auth import Caller
from sandbox.services.gitlab.changes import Author, write_commit
from sandbox.services.gitlab.errors import ApiError
from sandbox.services.gitlab.git import ZERO, GitError, Repository
from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.merge_requests import source_of, versions
from sandbox.services.gitlab.mergeability import merged_tree, setting
from sandbox.services.gitlab.protection import is_protected
from sandbox.services.gitlab.pushes import recording
from sandbox.services.gitlab.store import Row

# One merge at a time: what is checked before it, and `merging_sha`, hold until the branch has moved.
MERGING = Lock()


def merge(gitlab: Instance, caller: Caller, row: Row, *, squash: bool, message: str | None, squash_message: str | None) -> None:
    """Merge the merge request, which is mergeable, by the project's merge method. Call with `MERGING` held.

    The moved branch is what makes it merged, so a run that is killed on the way ends it at the next start. Raises ApiError 422, with
    nothing changed, if the target branch moved meanwhile.
    """
    project, version = gitlab.db.get("projects", row["project_id"]), versions(gitlab, row)[0]
    repository, committer = gitlab.repository(project), Author(caller.user["name"], caller.user["email"])
    target, head = repository.branch_tip(row["target_branch"]), version["head"]
    tree = merged_tree(repository, target, head) if target else None
    if target is None or tree is None:
        raise _failed()
    squashed = None
    if squash:
        head = squashed = _squash(repository, version, committer, squash_message or row["title"])
    if setting(project, "merge_method") == "ff":
        commit = head
    else:
        commit = write_commit(repository, tree, [target, head], message or _message(project, row), committer)
    gitlab.db.update("merge_requests", row["id"], merging_sha=commit, squash_commit_sha=squashed)
    with recording(gitlab, project, caller.id) as env:
        try:
            repository.update_ref(f"refs/heads/{row['target_branch']}", commit, target, env)
        except GitError:
            raise _failed() from None


def remove_source_branch(gitlab: Instance, caller: Caller, row: Row) -> None:
    """Delete the source branch, unless it is protected, the default one, or has moved on."""
    source, head = source_of(gitlab, row), versions(gitlab, row)[0]["head"]
    if source is None or row["source_branch"] == source["default_branch"] or is_protected(gitlab, source, row["source_branch"]):
        return
    with recording(gitlab, source, caller.id) as env:
        try:
            gitlab.repository(source).update_ref(f"refs/heads/{row['source_branch']}", ZERO, head, env)
        except GitError:
            return


def _squash(repository: Repository, version: Row, author: Author, message: str) -> str:
    tree = repository.text("rev-parse", f"{version['head']}^{{tree}}")
    return write_commit(repository, tree, [version["base"]], message, author)


def _message(project: Row, row: Row) -> str:
    into = f"Merge branch '{row['source_branch']}' into '{row['target_branch']}'"
    return f"{into}\n\n{row['title']}\n\nSee merge request {project['full_path']}!{row['iid']}"


def _failed() -> ApiError:
    return ApiError(422, {"message": "Branch cannot be merged"})
