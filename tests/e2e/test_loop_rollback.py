"""A rollback from a person's machine: by the update job, with nothing but an account in Jenkins."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from gitlab.v4.objects import ProjectCommit

from naming import App
from sandbox.cache import ROOT
from sandbox.sample import source
from sandbox.sample.release import variables
from tests.e2e.loop import Loop
from tests.e2e.registry import configured
from tests.e2e.support import Platform
from tests.e2e.test_loop_faults import page

MEDIUM = (
    "RUN mkdir -p node_modules/slipway-demo"
    ' && printf \'{"name": "slipway-demo", "version": "0.9.0"}\' > node_modules/slipway-demo/package.json'
)
REASON = "the customer's shop is down; vulnerable part is not reachable"


@dataclass(frozen=True)
class Blog:
    """An application with two versions: the first has a finding of medium severity, and the second runs."""

    loop: Loop
    first_commit: ProjectCommit
    first: str
    second: str

    @property
    def name(self) -> str:
        return str(self.loop.app)


@pytest.fixture(scope="module")
def blog(platform: Platform) -> Iterator[Blog]:
    loop = Loop(platform, App.parse("acme/bob/blog"))
    first = loop.push(page("one", MEDIUM))
    versions = [version(loop.deployed(first)), version(loop.deployed(loop.push(page("two"))))]
    yield Blog(loop, first, *versions)
    loop.remove()


def version(statuses: dict[str, Any]) -> str:
    """The version that the statuses of a commit say is deployed."""
    return str(statuses["slipway/deploy"].description).partition(" ")[0]


def deployed_by(commit: ProjectCommit) -> str:
    """Where the job is that deployed a commit last."""
    return str(source.statuses(commit)["slipway/deploy"].target_url)


def slipway(platform: Platform, *arguments: str, **changed: str) -> "subprocess.CompletedProcess[str]":
    """Run the command with what a person has: Jenkins' address and an account there, nothing of GitLab or Argo CD."""
    person = {name: value for name, value in variables(platform.stack).items() if name.startswith("SLIPWAY_JENKINS")}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SLIPWAY_")} | person | changed
    environment |= {"NO_PROXY": f".{platform.name}.test", "no_proxy": f".{platform.name}.test"}
    command = [str(Path(sys.executable).parent / "slipway"), "rollback", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def last_commit(platform: Platform, blog: Blog) -> Any:
    (last, *_) = platform.gitops.commits.list(query_parameters={"path": blog.loop.app.path}, get_all=False)
    return last


def test_a_version_is_brought_back_by_the_update_job(platform: Platform, blog: Blog) -> None:
    job = blog.loop.job("update")
    builds, told_by = len(blog.loop.jenkins.builds(job)), deployed_by(blog.first_commit)
    done = slipway(platform, blog.name, "--steps", "1")
    assert done.returncode == 0, done.stderr
    assert f"{blog.first} answers" in done.stdout
    assert "one" in platform.get("blog").text
    assert len(blog.loop.jenkins.builds(job)) == builds + 1
    assert deployed_by(blog.first_commit) != told_by, "the commit tells that it is deployed again"
    assert "slipway-release" in last_commit(platform, blog).author_name
    assert f"Release-Rollback-From: {blog.second}" in last_commit(platform, blog).message
    again = slipway(platform, blog.name, "--to", blog.second)
    assert again.returncode == 0, again.stderr
    assert "two" in platform.get("blog").text


def test_what_was_never_released_and_a_wrong_account_are_told(platform: Platform, blog: Blog) -> None:
    unknown = slipway(platform, blog.name, "--to", "v9.9.9")
    assert unknown.returncode == 3
    assert "was never released as 'v9.9.9'" in unknown.stderr
    assert blog.first in unknown.stderr
    nobody = slipway(platform, blog.name, "--to", blog.first, SLIPWAY_JENKINS_USER="nobody")
    assert nobody.returncode == 4
    assert "SLIPWAY_JENKINS" in nobody.stderr


def test_a_version_whose_scan_is_now_refused_needs_a_reason(platform: Platform, blog: Blog) -> None:
    """The gate is stricter now than when it was released."""
    before = platform.get("blog").text
    with configured(platform, jenkins={"scan": {"failOn": "medium"}}):
        platform.pulumi("up", "--yes", "--skip-preview")
        refused = slipway(platform, blog.name, "--to", blog.first)
        assert refused.returncode == 3, refused.stderr
        assert "STAND-IN-2026-0004" in refused.stderr
        assert "--accept-risk" in refused.stderr
        assert platform.get("blog").text == before
        done = slipway(platform, blog.name, "--to", blog.first, "--accept-risk", REASON)
        assert done.returncode == 0, done.stderr
        assert "one" in platform.get("blog").text
        assert f"Release-Risk: {REASON}" in last_commit(platform, blog).message
        assert REASON in source.statuses(blog.first_commit)["slipway/deploy"].description
    platform.pulumi("up", "--yes", "--skip-preview")
