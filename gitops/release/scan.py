"""Scans of images by Harbor: waited for, begun where there is none, and judged."""

import time

import click

from gitops.release.errors import RefusedError, UnreachableError
from gitops.release.gate import Gate, Verdict
from gitops.release.harbor import Harbor, Scan

SECONDS = 600.0
EVERY_SECONDS = 1.0
TELL_SECONDS = 10.0
DONE, BROKEN = "Success", frozenset({"Error", "Stopped"})


def judged(
    harbor: Harbor, repository: str, digest: str, gate: Gate, *, workspace: str, afresh: bool = False, seconds: float = SECONDS
) -> Verdict:
    """What the scan of an image means, by what is known today where `afresh` is set, else by the scan that there is.

    Raises RefusedError where Harbor cannot scan it, UnreachableError where no scan ends well in so many seconds.
    """
    before = harbor.scan(repository, digest)
    if afresh or before.status != DONE:
        _wait(harbor, repository, digest, before, afresh=afresh, seconds=seconds)
    return gate.judge(harbor.report(repository, digest), workspace)


def _wait(harbor: Harbor, repository: str, digest: str, before: Scan, *, afresh: bool, seconds: float) -> None:
    began = told = time.monotonic()
    tries = 0
    if afresh or not before.status or before.status in BROKEN:
        harbor.start_scan(repository, digest)
        tries += 1
    while time.monotonic() - began < seconds:
        now = harbor.scan(repository, digest)
        is_new = not tries or now.id != before.id
        if now.status == DONE and is_new:
            return
        if now.status in BROKEN and is_new:
            if tries >= 2:
                raise UnreachableError(
                    f"Harbor's scan of {repository}@{digest} ended with {now.status}. Next: see its log in Harbor, then build again."
                )
            before, tries = now, tries + 1
            harbor.start_scan(repository, digest)
        if time.monotonic() - told > TELL_SECONDS:
            told = time.monotonic()
            click.echo(f"  waiting for Harbor's scan: {now.status or 'not begun'}, {told - began:.0f} s so far", err=True)
        time.sleep(EVERY_SECONDS)
    raise UnreachableError(
        f"Harbor's scan of {repository}@{digest} has not ended after {seconds:.0f} s. Next: see the scanner, then build again."
    )


def present(harbor: Harbor, repository: str, tag: str) -> str:
    """The digest of an image that must be there. Raises RefusedError where it is not."""
    found = harbor.digest(repository, tag)
    if found is None:
        raise RefusedError(f"{repository}:{tag} is not in Harbor at {harbor.access.url}. Next: build it; nothing was written.")
    return found
