"""The versions of an application that were released, as Git tells them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gitops.release.chart import VALUES
from gitops.release.errors import RefusedError
from gitops.release.repository import GitOps
from naming import App


@dataclass(frozen=True, kw_only=True)
class Version:
    """A commit that changed an application's values. version, image, digest, source, build: as its release told them, None for a change by
    hand. risk: the reason for which its refused scan was accepted. live: whether the cluster runs it."""

    commit: str
    time: str
    author: str
    title: str
    version: str | None
    image: str | None
    digest: str | None
    source: str | None
    build: str | None
    risk: str | None = None
    live: bool = False


def history(gitops: GitOps, app: App, *, revision: str | None = None) -> Iterator[Version]:
    """Newest first, from the branch or from a revision; read as far as it is asked for.

    Raises RefusedError where there is no such application.
    """
    start = revision or gitops.snapshot().commit
    found = False
    for commit in gitops.commits_of(f"{app.path}/{VALUES}", start):
        found = True
        yield _version(app, commit)
    if not found and revision is None:
        raise unknown(app)


def unknown(app: App) -> RefusedError:
    """The error for an application that is not in the repository."""
    return RefusedError(f"{app} was never released: {app.path} is not in the GitOps repository. Next: see that the names are spelt so.")


def mark_live(versions: list[Version], live: str | None) -> list[Version]:
    """The versions, the one with this commit marked."""
    return [Version(**{**vars(each), "live": each.commit == live}) for each in versions]


def live_commit(gitops: GitOps, app: App, revision: str) -> str | None:
    """The newest change of the application's values that the revision which Argo CD synced contains."""
    return next((each.commit for each in history(gitops, app, revision=revision)), None)


def table(versions: Sequence[Version]) -> str:
    """The versions for a terminal; a star marks what is live."""
    rows = [("  VERSION", "TIME", "AUTHOR", "COMMIT", "DIGEST", "BUILD")]
    rows += [
        (
            f"{'*' if each.live else ' '} {each.version or '(by hand)'}",
            each.time,
            each.author,
            each.commit[:12],
            (each.digest or "-")[:19],
            (each.build or "-") + (f" (risk accepted: {each.risk})" if each.risk else ""),
        )
        for each in versions
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def _version(app: App, commit: Any) -> Version:
    trailers = dict(line.split(": ", 1) for line in str(commit.message).splitlines() if line.startswith("Release-") and ": " in line)
    ours = trailers if trailers.get("Release-App") == str(app) else {}
    return Version(
        commit=str(commit.id),
        time=str(commit.committed_date),
        author=str(commit.author_name),
        title=str(commit.title),
        version=ours.get("Release-Version"),
        image=ours.get("Release-Image"),
        digest=ours.get("Release-Digest"),
        source=ours.get("Release-Source"),
        build=ours.get("Release-Build"),
        risk=ours.get("Release-Risk"),
    )
