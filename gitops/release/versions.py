"""Versions of an application: tags of its images in the registry, of the form vX.Y.Z."""

import re
from collections.abc import Iterable

from gitops.release.errors import RefusedError
from gitops.release.harbor import Harbor

# https://semver.org, without what comes after a hyphen or a plus: a release is one.
FORM = re.compile(r"v(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})")
FIRST = "v0.1.0"
TRIES = 20

Number = tuple[int, int, int]


def number(tag: str) -> Number | None:
    """The three numbers of a version; None for other tags."""
    found = FORM.fullmatch(tag)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def newest(tags: Iterable[str]) -> str | None:
    """The highest version among tags: v1.10.0 is after v1.9.0."""
    versions = [tag for tag in tags if number(tag)]
    return max(versions, key=lambda tag: number(tag) or (0, 0, 0), default=None)


def following(tag: str | None) -> str:
    """The next patch after a version; the first version where there is none."""
    known = number(tag or "")
    return f"v{known[0]}.{known[1]}.{known[2] + 1}" if known else FIRST


def tag(harbor: Harbor, repository: str, digest: str, wanted: str | None) -> str:
    """Give an image its version, and return it: the one that it has, else the one `wanted` (of a Git tag), else the next.

    Raises RefusedError where the wanted version is none, or is another image's.
    """
    if wanted is not None and number(wanted) is None:
        raise RefusedError(f"--git-tag is {wanted[:80]!r}; expected a version vX.Y.Z")
    if present := newest(harbor.tags(repository, digest)):
        return present
    if wanted:
        if harbor.add_tag(repository, digest, wanted) or harbor.digest(repository, wanted) == digest:
            return wanted
        raise RefusedError(
            f"The Git tag {wanted} is at this commit, and {repository}:{wanted} is {harbor.digest(repository, wanted)}; expected "
            f"{digest}.\nNext: give the commit a tag that was not released; versions never move."
        )
    following_one = following(newest(harbor.every_tag(repository)))
    for _ in range(TRIES):
        if harbor.add_tag(repository, digest, following_one):
            return following_one
        following_one = following(following_one)
    raise RefusedError(f"{TRIES} versions up to {following_one} were taken meanwhile. Next: build again, with nobody else tagging.")
