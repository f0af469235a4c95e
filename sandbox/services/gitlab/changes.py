"""Commits made through the API: a tree is built beside the repository's refs, then the branch moves there if it is still where it was."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

from sandbox.services.gitlab.auth import Caller
from sandbox.services.gitlab.draft import Draft, Leaf, NotAFolderError
from sandbox.services.gitlab.errors import bad_request
from sandbox.services.gitlab.git import ZERO, GitError, Repository
from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.pushes import recording
from sandbox.services.gitlab.store import Row

FILE, EXECUTABLE = "100644", "100755"


@dataclass(frozen=True)
class Action:
    """One change of a file.

    Arguments: `kind` create, update, delete, move or chmod; `path` of the file; `content` new content or None; `previous_path` (move);
    `last_commit_id` the last commit that the caller knows to have changed the file; `executable` the new mode, None to keep it.
    """

    kind: str
    path: str
    content: bytes | None = None
    previous_path: str | None = None
    last_commit_id: str | None = None
    executable: bool | None = None


@dataclass(frozen=True)
class Author:
    """Name and e-mail address for a commit."""

    name: str
    email: str


def commit_actions(
    gitlab: Instance, caller: Caller, project: Row, branch: str, message: str, actions: list[Action], *,
    start: str | None = None, author: Author | None = None, force: bool = False,
) -> str:  # fmt: skip
    """Commit `actions` onto `branch` and return the new commit's id.

    A branch that does not exist begins at `start` (branch, tag or id). Raises ApiError 400, with nothing changed, if an action does not fit
    or the branch moved meanwhile.
    """
    repository = gitlab.repository(project)
    tip = repository.branch_tip(branch)
    parent = _parent(repository, branch, tip, start, force)
    tree = _tree(repository, parent, actions)
    commit = write_commit(repository, tree, [parent] if parent else [], message, Author(caller.user["name"], caller.user["email"]), author)
    with recording(gitlab, project, caller.id) as env:
        try:
            repository.update_ref(f"refs/heads/{branch}", commit, tip or ZERO, env)
        except GitError:
            raise bad_request(f"Could not update refs/heads/{branch}. Please refresh and try again.") from None
    return commit


def _parent(repository: Repository, branch: str, tip: str | None, start: str | None, force: bool) -> str | None:
    """Return the commit to build on; None in an empty repository."""
    if tip and (start is None or start == branch):
        return tip
    if tip and not force:
        raise bad_request(f"A branch called '{branch}' already exists. Switch to that branch in order to make changes")
    if start is not None:
        base = repository.commit_id(start)
        if base is None:
            raise bad_request(f"Invalid reference name: {start}")
        return base
    if repository.refs("refs/heads/"):
        raise bad_request("You can only create or edit files when you are on a branch")
    return None


def _tree(repository: Repository, parent: str | None, actions: list[Action]) -> str:
    """Return the id of the tree that the actions make of the one at `parent`."""
    draft = Draft(repository, f"{parent}^{{tree}}" if parent else None)
    blobs = repository.write_blobs([action.content or b"" for action in actions])
    for action, blob in zip(actions, blobs, strict=True):
        _check(repository, parent, draft, action)
        try:
            _apply(draft, action, blob)
        except NotAFolderError as error:
            raise bad_request(f"A file or directory with this name already exists: {error}") from None
    return draft.write()


def _check(repository: Repository, parent: str | None, draft: Draft, action: Action) -> None:
    parts = PurePosixPath(action.path).parts
    if not parts or action.path.startswith("/") or action.path.endswith("/") or {"", ".", "..", ".git"} & set(action.path.split("/")):
        raise bad_request("invalid path: path cannot include directory traversal" if parts else "You must provide a file path")
    source = action.previous_path or action.path
    if action.kind in ("create", "move") and draft.find(action.path):
        raise bad_request("A file with this name already exists")
    if action.kind != "create" and not draft.find(source):
        raise bad_request("A file with this name doesn't exist")
    if action.last_commit_id and parent and action.kind != "create":
        last = repository.text("--literal-pathspecs", "rev-list", "-1", parent, "--", source)
        if last != action.last_commit_id:
            raise bad_request("You are attempting to update a file that has changed since you started editing it.")


def _apply(draft: Draft, action: Action, written: str) -> None:
    source = action.previous_path or action.path
    found = draft.find(source) or Leaf(FILE, "blob", "")
    mode, blob = found.mode, found.id
    if action.kind in ("delete", "move"):
        draft.drop(source)
    if action.kind == "delete":
        return
    if action.content is not None or not blob:
        blob = written
    if action.executable is not None:
        mode = EXECUTABLE if action.executable else FILE
    draft.put(action.path, Leaf(mode, found.kind, blob))


def write_commit(
    repository: Repository, tree: str, parents: list[str], message: str, committer: Author, author: Author | None = None
) -> str:
    """Write a commit of `tree` and return its id; no ref moves. Without an `author` it is the committer."""
    author = author or committer
    date = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
    env = {
        "GIT_AUTHOR_NAME": author.name, "GIT_AUTHOR_EMAIL": author.email, "GIT_AUTHOR_DATE": date,
        "GIT_COMMITTER_NAME": committer.name, "GIT_COMMITTER_EMAIL": committer.email, "GIT_COMMITTER_DATE": date,
    }  # fmt: skip
    return repository.text("commit-tree", tree, *(word for parent in parents for word in ("-p", parent)), stdin=message.encode(), env=env)
