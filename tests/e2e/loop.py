"""Pushes of whole applications, and what the pipeline makes of them."""

import time
from dataclasses import dataclass
from typing import Any

from gitlab.v4.objects import Project, ProjectCommit
from httpx import Response

from naming import App, source_path
from sandbox.cache import ROOT
from sandbox.errors import SandboxError
from sandbox.jenkins import path
from sandbox.sample import source
from tests.e2e.jenkins import Jenkins
from tests.e2e.registry import administrator
from tests.e2e.support import Platform, eventually, files_below

EXAMPLES = ROOT / "examples"
SECONDS = 480.0
"""From a push until all of its statuses are there: on two cores that others use too."""


@dataclass(frozen=True)
class Loop:
    """An application of the platform, by its repository and its two jobs."""

    platform: Platform
    app: App

    @property
    def project(self) -> Project:
        return source.repository(self.platform.stack, self.platform.world, self.app)

    @property
    def jenkins(self) -> Jenkins:
        return Jenkins(self.platform)

    def job(self, kind: str) -> str:
        """Full name of its `build` or `update` job."""
        return f"{self.app.workspace}/{kind}/{source_path(self.app)}"

    def push(self, content: dict[str, str], message: str = "A change") -> ProjectCommit:
        """Make these files the repository's whole content."""
        return source.replace(self.project, content, message)

    def example(self, name: str, **changed: str) -> dict[str, str]:
        """The files of an example, with texts in them replaced."""
        files = source.files(EXAMPLES / name)
        for old, new in changed.items():
            files = {path: text.replace(old, new) for path, text in files.items()}
        return files

    def deployed(self, commit: ProjectCommit, seconds: float = SECONDS, old: frozenset[int] = frozenset()) -> dict[str, Any]:
        """Wait until the commit is deployed; returns its statuses. Failures with the ids `old` are an earlier build's."""
        try:
            for name in source.STATUSES:
                source.until_passed(commit, name, time.monotonic() + seconds, old)
        except SandboxError as error:
            raise AssertionError(f"{error}\n{self.last_log()}") from None
        return source.statuses(commit)

    def failed(self, commit: ProjectCommit, name: str, old: frozenset[int] = frozenset(), seconds: float = SECONDS) -> Any:
        """Wait until a status of the commit has failed; returns it."""

        def ended() -> Any:
            found = source.statuses(commit)
            bad = found.get(name)
            if bad is not None and bad.status in source.BAD and bad.id not in old:
                return bad
            assert source.statuses(commit).get("slipway/deploy") is None or name == "slipway/deploy", "it went on to the update job"
            return None

        return eventually(ended, seconds, f"{name} of {self.app} fails", every=0.5)

    def retried(self, commit: ProjectCommit) -> dict[str, Any]:
        """Build the branch's head again, as a person does in Jenkins, and wait until it is deployed; returns its statuses."""
        old = frozenset(status.id for status in source.statuses(commit).values() if status.status in source.BAD)
        self.jenkins.start(self.job("build"), BRANCH="main")
        return self.deployed(commit, old=old)

    def idle(self) -> None:
        """Wait until neither of its jobs is at work, or waits to be."""
        jobs = [self.job(kind) for kind in ("build", "update")]
        eventually(lambda: not any(self.jenkins.is_busy(job) for job in jobs), SECONDS, f"the jobs of {self.app} end", every=0.5)

    def last_log(self) -> str:
        """The end of the newest logs of both jobs."""
        newest = {kind: [build["number"] for build in self.jenkins.builds(self.job(kind))][:1] for kind in ("build", "update")}
        return "\n".join(self.jenkins.log(self.job(kind), number)[-4000:] for kind, numbers in newest.items() for number in numbers)

    def artifact(self, kind: str, number: int, name: str) -> Response:
        """A file that a build left in its reports."""
        return self.jenkins.get(f"{path(self.job(kind))}/{number}/artifact/reports/{name}")

    def report(self, kind: str, number: int, step: str) -> dict[str, Any]:
        """The report of a build's step; empty where there is none."""
        answer = self.artifact(kind, number, f"{step}.json")
        return dict(answer.json()) if answer.is_success else {}

    def values(self) -> dict[str, str]:
        """What the GitOps repository has of it: path to id of the file's content."""
        tree = self.platform.gitops.repository_tree(self.app.path, recursive=True, get_all=True) if self.is_released() else []
        return {each["path"]: each["id"] for each in tree}

    def is_released(self) -> bool:
        return bool(files_below(self.platform.gitops, self.app.path))

    def image(self, tag: str) -> str | None:
        """The digest of a tag of its image in Harbor."""
        return administrator(self.platform).digest(self.app.workspace, f"{self.app.user}/{self.app.project}", tag)

    def remove(self) -> None:
        """Take its folder out of the GitOps repository, and wait until Argo CD has taken it away."""
        files = [{"action": "delete", "file_path": path} for path in files_below(self.platform.gitops, self.app.path)]
        if files:
            self.platform.gitops.commits.create({"branch": "main", "commit_message": f"Remove {self.app}", "actions": files})
        name = f"{self.app.workspace}-{self.app.user}-{self.app.project}"
        eventually(lambda: not self.platform.object("application", name), 60, f"{name} goes again")
