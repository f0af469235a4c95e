"""The GitOps repository through GitLab's API: read at one commit, written by atomic commits. No clone: its size does not matter."""

import base64
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import click
from gitlab.exceptions import GitlabCreateError, GitlabGetError
from gitlab.v4.objects import Project

from gitops.release.errors import ConflictError, RefusedError
from gitops.release.facts import AUTHOR
from gitops.release.gitlab_api import TooLargeError, get_limited

BRANCH = "main"
FILE_LIMIT = 2**20
PATIENCE_SECONDS = 300.0
# Waits between attempts are drawn evenly from zero up to a limit that doubles: whoever collided spreads out.
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.2, 6.0
ID = "Release-Id"


@dataclass(frozen=True)
class File:
    """A file's text, and the last commit that changed it."""

    text: str
    last_commit: str


@dataclass(frozen=True)
class Entry:
    """A file of a folder: `blob` is the id of its content, `mode` what it is."""

    path: str
    mode: str
    blob: str

    @property
    def is_plain(self) -> bool:
        """Whether it is a file, and no symbolic link or submodule."""
        return self.mode in {"100644", "100755"}


@dataclass(frozen=True)
class Snapshot:
    """The repository at one commit."""

    project: Project
    commit: str

    def read(self, path: str) -> File | None:
        """A file; None where there is none. Raises RefusedError for one over 1 MiB, or that is no UTF-8 text."""
        try:
            found = get_limited(self.project, f"/repository/files/{quote(path, safe='')}", ref=self.commit)
        except TooLargeError:
            found = {"size": FILE_LIMIT + 1}
        if found is None:
            return None
        if found["size"] > FILE_LIMIT:
            raise RefusedError(
                f"{path} is larger than 1 MiB; expected a file that people write. Next: look at it in the GitOps repository."
            )
        try:
            return File(base64.b64decode(found["content"]).decode(), found["last_commit_id"])
        except UnicodeDecodeError as error:
            raise RefusedError(
                f"{path} is no UTF-8 text ({error.reason} at byte {error.start}). Next: save it as UTF-8; nothing was written."
            ) from None

    def folder(self, path: str) -> dict[str, Entry]:
        """Every file below a folder, by its path in it; empty where there is no such folder."""
        return {
            each["path"].removeprefix(f"{path}/"): Entry(each["path"], each["mode"], each["id"])
            for each in self._tree(path, recursive=True)
        }

    def names(self, path: str) -> list[str]:
        """What lies in a folder, by name; empty where there is no such folder."""
        return [each["name"] for each in self._tree(path, recursive=False)]

    def _tree(self, path: str, *, recursive: bool) -> Iterator[dict[str, Any]]:
        try:
            pages = self.project.repository_tree(path, ref=self.commit, recursive=recursive, per_page=100, iterator=True)
            yield from (each for each in pages if each["type"] != "tree" or not recursive)
        except GitlabGetError as error:
            if error.response_code != 404:
                raise


@dataclass(frozen=True)
class Change:
    """A commit to make: its subject, its trailers by name, its actions as GitLab's commits API takes them, and its author (`Name <mail>`)
    if that is not the token's user."""

    subject: str
    trailers: Mapping[str, str | None]
    actions: Sequence[Mapping[str, Any]]
    author: str | None = None


@dataclass(frozen=True)
class Landed:
    """A commit that was made; `parent` is the one before it, which may be newer than the one that its decision was made on."""

    commit: str
    parent: str


@dataclass(frozen=True)
class GitOps:
    """The repository's branch."""

    project: Project

    def snapshot(self) -> Snapshot:
        """The branch as it is now. Raises RefusedError where it is not there."""
        try:
            return Snapshot(self.project, str(self.project.branches.get(BRANCH).commit["id"]))
        except GitlabGetError as error:
            if error.response_code == 404 and "branch" in str(error.error_message).lower():
                raise RefusedError(
                    f"The project has no branch {BRANCH!r}. Next: see that it is the GitOps project, set up by `pulumi up`."
                ) from None
            raise

    def change(self, decide: Callable[[Snapshot], Change | None]) -> Landed | None:
        """Commit what `decide` makes of the branch, deciding again whenever it moved meanwhile; None where it has nothing to do.

        Raises ConflictError after five minutes of that, and RefusedError where GitLab takes the commit for wrong although nothing moved.
        """
        began, token, attempts = time.monotonic(), str(uuid4()), _Attempts()
        snapshot = self.snapshot()
        while True:
            change = decide(snapshot)
            if change is None:
                return None
            try:
                made = self.project.commits.create(_request(change, token))
                return _landed(made)
            except GitlabCreateError as error:
                if error.response_code not in {400, 409, 422, 500, 502, 503, 504}:
                    raise
                problem = str(error.error_message)
            time.sleep(attempts.wait())
            now = self.snapshot()
            if mine := self._mine(now, change, token):
                return mine  # the answer was lost, not the commit
            attempts.failed(moved=now.commit != snapshot.commit, problem=problem, waited=time.monotonic() - began)
            snapshot = now

    def contains(self, descendant: str, commit: str) -> bool:
        """Whether the history that ends at `descendant` contains the commit."""
        if descendant == commit:
            return True
        try:
            compared: Any = self.project.repository_compare(descendant, commit)
        except GitlabGetError as error:
            if error.response_code == 404:
                return False
            raise
        return not compared["commits"]

    def commits_of(self, path: str, revision: str) -> Iterator[Any]:
        """The commits that changed a file, newest first, up to a revision; read as far as they are asked for."""
        query = {"path": path, "ref_name": revision}  # as an argument, `path` would be the list's own
        return iter(self.project.commits.list(query_parameters=query, per_page=50, iterator=True))

    def _mine(self, snapshot: Snapshot, change: Change, token: str) -> Landed | None:
        path = str(change.actions[0]["file_path"])
        for commit in islice(self.commits_of(path, snapshot.commit), 50):
            if f"{ID}: {token}" in str(commit.message).splitlines():
                return _landed(commit)
        return None


class _Attempts:
    """How often a commit was refused."""

    def __init__(self) -> None:
        self.count = 0
        self.in_vain = 0

    def failed(self, *, moved: bool, problem: str, waited: float) -> None:
        self.count += 1
        self.in_vain = 0 if moved else self.in_vain + 1
        if self.in_vain == 5:
            raise RefusedError(f"GitLab refuses the commit: {problem}\nNext: mend that; nothing was written.")
        if waited > PATIENCE_SECONDS:
            raise ConflictError(
                f"The branch {BRANCH!r} moved at each of {self.count} attempts in {waited:.0f} s: {problem}\n"
                "Next: run this again; nothing was written."
            )
        if self.count % 5 == 0:
            click.echo(f"  the branch {BRANCH} moved meanwhile, {self.count} times in {waited:.0f} s: trying again", err=True)

    def wait(self) -> float:
        return random.uniform(0, min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** min(self.count, 10)))


def message(change: Change, token: str) -> str:
    """The commit's message: subject, and what the history reads of it."""
    trailers = {**change.trailers, ID: token}
    return f"{change.subject}\n\n" + "".join(f"{name}: {value}\n" for name, value in trailers.items() if value is not None)


def _request(change: Change, token: str) -> dict[str, Any]:
    author = AUTHOR.fullmatch(change.author or "")
    by = {"author_name": author["name"], "author_email": author["email"]} if author else {}
    return {
        "branch": BRANCH,
        "commit_message": message(change, token),
        "actions": [dict(each) for each in change.actions],
        "stats": False,
        **by,
    }


def _landed(commit: Any) -> Landed:
    return Landed(str(commit.id), next(map(str, commit.parent_ids), ""))
