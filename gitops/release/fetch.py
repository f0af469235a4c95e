"""The source code of an application, as data: one commit, without history, submodules, hooks or filters."""

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gitops.frameworks.tree import BYTES, FILES
from gitops.release.errors import RefusedError, ReleaseError, UnreachableError
from gitops.release.process import ProgramFailedError, run

SECONDS = 600.0
# https://git-scm.com/docs/gitcredentials: the account comes from the environment, and stands in no argument, file or URL.
HELPER = '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$SLIPWAY_SOURCE_USER" "$SLIPWAY_SOURCE_PASSWORD"; }; f'
SETTINGS = {
    "credential.helper": HELPER,
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "protocol.allow": "never",
    "protocol.http.allow": "always",
    "protocol.https.allow": "always",
    "http.followRedirects": "false",
    "advice.detachedHead": "false",
}


@dataclass(frozen=True, kw_only=True)
class Source:
    """commit: what was checked out. tags: names of the Git tags that point at it. notes: what was left out, in words."""

    commit: str
    tags: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Remote:
    """url: of the repository, without credential. username, password: who reads it. ca: PEM file of authorities; None: the usual ones."""

    url: str
    username: str
    password: str
    ca: str | None = None

    def git(self, folder: Path, *arguments: str) -> str:
        """Run Git in a folder. Raises RefusedError or UnreachableError, with what it says."""
        settings = SETTINGS | ({"http.sslCAInfo": self.ca} if self.ca else {})
        try:
            return run(["git", *arguments], folder=folder, environment=self._environment(settings), seconds=SECONDS)
        except ProgramFailedError as error:
            raise self._explained(str(error)) from None

    def _environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        own = {f"GIT_CONFIG_{part}_{number}": text for number, pair in enumerate(settings.items()) for part, text in _parts(pair)}
        return own | {
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "LC_ALL": "C",
            "GIT_CONFIG_COUNT": str(len(settings)),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_LFS_SKIP_SMUDGE": "1",
            "SLIPWAY_SOURCE_USER": self.username,
            "SLIPWAY_SOURCE_PASSWORD": self.password,
        }

    def _explained(self, said: str) -> ReleaseError:
        last = "; ".join(line for line in said.splitlines() if line.strip())[-600:]
        if any(text in said for text in ("Authentication failed", "Access denied", "error: 401", "error: 403")):
            return UnreachableError(
                f"GitLab refuses the account that reads {self.url}: {last}\n"
                "Next: `pulumi up --refresh` makes the workspace's deploy token anew where it is gone."
            )
        if "find remote ref" in said:
            return RefusedError(f"{self.url} has no such branch: {last}\nNext: push it, or build one that is there.")
        return UnreachableError(f"{self.url} could not be fetched: {last}\nNext: see whether GitLab is well, then build again.")


def fetch(remote: Remote, branch: str, folder: Path) -> Source:
    """Check the head of a branch out into a folder, which is made anew. Raises RefusedError where it is too large, UnreachableError."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    remote.git(folder, "init", "--quiet")
    remote.git(folder, "fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--", remote.url, f"refs/heads/{branch}")
    commit = remote.git(folder, "rev-parse", "--verify", "FETCH_HEAD^{commit}").strip()
    notes = tuple(_notes(remote.git(folder, "ls-tree", "-r", "-l", "-z", commit)))
    remote.git(folder, "checkout", "--quiet", "--detach", commit)
    return Source(commit=commit, tags=tuple(_tags(remote.git(folder, "ls-remote", "--tags", "--", remote.url), commit)), notes=notes)


def _parts(pair: tuple[str, str]) -> Iterator[tuple[str, str]]:
    yield from zip(("KEY", "VALUE"), pair, strict=True)


def _notes(listing: str) -> Iterator[str]:
    """What a listing of `git ls-tree` tells of what is not fetched. Raises RefusedError where it is too large."""
    entries = [entry.partition("\t") for entry in listing.split("\0") if entry]
    fields = [head.split() for head, _, _ in entries]
    sizes = [int(size) if size.isdigit() else 0 for *_, size in fields]
    if sum(sizes) > BYTES or len(entries) > FILES:
        largest = entries[max(range(len(sizes)), key=sizes.__getitem__)][2]
        raise RefusedError(
            f"The commit holds {len(entries)} files with {sum(sizes) / 2**20:.0f} MiB, the largest of which is {largest[:200]!r}; "
            f"expected at most {FILES} files with {BYTES // 2**20} MiB.\n"
            "Next: keep what is that large elsewhere, such as in a package registry."
        )
    if modules := sum(mode == "160000" for mode, *_ in fields):
        yield f"{modules} submodules are not fetched: their folders are empty"


def _tags(listing: str, commit: str) -> Iterator[str]:
    """Names of the tags at a commit; an annotated tag is listed a second time, as what it points at."""
    for line in listing.splitlines():
        found, _, name = line.partition("\t")
        if found == commit:
            yield name.removeprefix("refs/tags/").removesuffix("^{}")
