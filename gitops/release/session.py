"""What the verbs of `slipway release` work with: the GitOps repository, Argo CD, and the end of a release."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gitops.release.options import require, secret
from naming import App

# The clients are imported where they are used: `--help` and a refused name need none.
if TYPE_CHECKING:
    from gitops.release.argocd import ArgoCd
    from gitops.release.publish import Outcome
    from gitops.release.repository import GitOps


@contextmanager
def gitops_repository(url: str, project: str, ca: str | None) -> "Iterator[GitOps]":
    """The GitOps repository, by the token in SLIPWAY_GITLAB_TOKEN. Raises RefusedError or UnreachableError."""
    require(gitlab_url=url, gitops_project=project)
    token = secret("SLIPWAY_GITLAB_TOKEN", "The token for GitLab")
    from gitops.release.gitlab_api import GitlabAccess, explained
    from gitops.release.repository import GitOps

    access = GitlabAccess(url=url, project=project, token=token, ca=ca)
    with explained(access):
        yield GitOps(access.connect())


def argocd_client(app: App, url: str, ca: str | None) -> "ArgoCd":
    """Argo CD's view of an application, by the token in SLIPWAY_ARGOCD_TOKEN. Raises RefusedError or UnreachableError."""
    require(argocd_url=url)
    from gitops.release.argocd import ArgoCd, ArgoCdAccess

    return ArgoCd(ArgoCdAccess(url=url, token=secret("SLIPWAY_ARGOCD_TOKEN", "The token for Argo CD"), ca=ca), app)


def settle(gitops: "GitOps", outcome: "Outcome", argocd: "ArgoCd | None", timeout: int) -> None:
    """Wait until what came of a release is what runs. Raises UnhealthyError after `timeout` seconds."""
    if argocd is None or outcome.result == "superseded":
        return
    from gitops.release.status import wait

    commit = outcome.commit or gitops.snapshot().commit
    known: dict[str, bool] = {}

    def contains(revision: str) -> bool:
        if revision not in known:
            known[revision] = gitops.contains(revision, commit)
        return known[revision]

    wait(argocd, contains, timeout)


def told(app: App, outcome: "Outcome") -> str:
    """What came of a release, for people."""
    before, commit = outcome.before or "nothing", (outcome.commit or "")[:12]
    texts = {
        "published": f"{app}: {before} -> {outcome.version}, commit {commit}",
        "rolled back": f"{app}: back from {before} to {outcome.version}, commit {commit}",
        "unchanged": f"{app}: is at {outcome.version} with these values already, nothing to commit",
        "superseded": f"{app}: {outcome.version} is superseded by {outcome.by}, nothing to commit",
    }
    return texts[outcome.result] + accepted(outcome)


def accepted(outcome: "Outcome") -> str:
    """The end of a sentence on a release: the risk that was accepted with it; empty for none."""
    return f"; its scan is refused, and accepted: {outcome.risk}" if outcome.risk else ""
