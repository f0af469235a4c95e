"""A rollback from a person's machine: by the update job, with nothing but an account in Jenkins."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from naming import App
from sandbox.cache import ROOT
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


@pytest.fixture(scope="module")
def blog(platform: Platform) -> Iterator[Loop]:
    """An application with three versions: v0.1.0 has a finding of medium severity."""
    loop = Loop(platform, App.parse("acme/bob/blog"))
    for text, step in (("one", MEDIUM), ("two", ""), ("three", "")):
        loop.deployed(loop.push(page(text, step)))
    yield loop
    loop.remove()


def slipway(platform: Platform, *arguments: str, **changed: str) -> "subprocess.CompletedProcess[str]":
    """Run the command with what a person has: Jenkins' address and an account there, nothing of GitLab or Argo CD."""
    person = {name: value for name, value in variables(platform.stack).items() if name.startswith("SLIPWAY_JENKINS")}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SLIPWAY_")} | person | changed
    environment |= {"NO_PROXY": f".{platform.name}.test", "no_proxy": f".{platform.name}.test"}
    command = [str(Path(sys.executable).parent / "slipway"), "rollback", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def test_a_version_is_brought_back_by_the_update_job(platform: Platform, blog: Loop) -> None:
    builds = len(blog.jenkins.builds(blog.job("update")))
    done = slipway(platform, str(blog.app), "--steps", "1")
    assert done.returncode == 0, done.stderr
    assert "v0.1.1" in done.stdout
    assert "two" in platform.get("blog").text
    assert len(blog.jenkins.builds(blog.job("update"))) == builds + 1
    (last, *_) = platform.gitops.commits.list(query_parameters={"path": blog.app.path}, get_all=False)
    assert "slipway-release" in last.author_name
    assert "Release-Rollback-From: v0.1.2" in last.message
    again = slipway(platform, str(blog.app), "--to", "v0.1.1")
    assert again.returncode == 0, "the same again changes nothing"


def test_what_was_never_released_and_a_wrong_account_are_told(platform: Platform, blog: Loop) -> None:
    unknown = slipway(platform, str(blog.app), "--to", "v9.9.9")
    assert unknown.returncode == 3
    assert "was never released as 'v9.9.9'" in unknown.stderr
    assert "v0.1.1" in unknown.stderr
    nobody = slipway(platform, str(blog.app), "--to", "v0.1.0", SLIPWAY_JENKINS_USER="nobody")
    assert nobody.returncode == 4
    assert "SLIPWAY_JENKINS" in nobody.stderr


def test_a_version_whose_scan_is_now_refused_needs_a_reason(platform: Platform, blog: Loop) -> None:
    """The gate is stricter now than when it was released."""
    before = platform.get("blog").text
    with configured(platform, jenkins={"scan": {"failOn": "medium"}}):
        platform.pulumi("up", "--yes", "--skip-preview")
        refused = slipway(platform, str(blog.app), "--to", "v0.1.0")
        assert refused.returncode == 3
        assert "STAND-IN-2026-0004" in refused.stderr
        assert "--accept-risk" in refused.stderr
        assert platform.get("blog").text == before
        done = slipway(platform, str(blog.app), "--to", "v0.1.0", "--accept-risk", REASON)
        assert done.returncode == 0, done.stderr
        assert "one" in platform.get("blog").text
        (last, *_) = platform.gitops.commits.list(query_parameters={"path": blog.app.path}, get_all=False)
        assert f"Release-Risk: {REASON}" in last.message
    platform.pulumi("up", "--yes", "--skip-preview")
