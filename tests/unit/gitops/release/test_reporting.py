"""What a job tells GitLab at a commit, in a GitLab that keeps statuses as the real one does."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gitlab
import pytest
from click.testing import CliRunner, Result

from gitops.release.cli import release
from tests.unit.gitops.release.test_parameters import BUILD
from tests.unit.sandbox.providers.gitlab_server import ROOT_TOKEN, serving

TIMES = {"began": "2026-01-01T00:00:00+00:00", "ended": "2026-01-01T00:00:02+00:00"}
FINDING = {
    "id": "CVE-1",
    "severity": "High",
    "package": "@all `x` | y",
    "version": "/merge",
    "fixed": "",
    "link": "javascript:1",
    "allowed": "",
}


class Job:
    """A job's folder of reports, and the commit that it is about."""

    def __init__(self, url: str, folder: Path, name: str) -> None:
        client = gitlab.Gitlab(url, private_token=ROOT_TOKEN)
        top: Any = client.groups.get("platform")
        group: Any = client.groups.create({"name": name, "path": name, "parent_id": top.id})
        inner: Any = client.groups.create({"name": "acme", "path": "acme", "parent_id": group.id})
        project: Any = client.projects.create({"name": "alice-shop", "namespace_id": inner.id, "initialize_with_readme": True})
        self.commit = project.commits.get("main")
        self.folder = folder
        self.environment = BUILD | {
            "REPOSITORY_URL": f"{url}/platform/{name}/acme/alice-shop.git",
            "SLIPWAY_GITLAB_URL": url,
            "SLIPWAY_STATUS_TOKEN": ROOT_TOKEN,
            "SLIPWAY_REPORTS": str(folder),
            "SOURCE": self.commit.id,
            "BUILD_URL": "http://jenkins.dev.test/job/1/",
        }

    def step(self, name: str, result: str = "passed", summary: str = "", **details: Any) -> None:
        self.folder.mkdir(exist_ok=True)
        text = json.dumps({"step": name, "result": result, "summary": summary, "details": details, **TIMES})
        (self.folder / f"{name}.json").write_text(text)

    def report(self, result: str = "", **changed: str) -> Result:
        return CliRunner().invoke(release, ["report"], env=self.environment | {"RESULT": result} | changed)

    def statuses(self) -> dict[str, tuple[str, str]]:
        found = sorted(self.commit.statuses.list(get_all=True), key=lambda each: each.id)
        return {each.name: (each.status, each.description or "") for each in found}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("gitlab")) as url:
        yield url


@pytest.fixture
def job(server: str, tmp_path: Path, request: pytest.FixtureRequest) -> Job:
    return Job(server, tmp_path / "reports", re.sub("[^a-z0-9]+", "-", request.node.name)[:60].strip("-"))


def test_a_build_is_followed_to_its_end(job: Job) -> None:
    assert job.report().exit_code == 0
    assert job.statuses() == {"slipway/build": ("running", ""), "slipway/test": ("pending", ""), "slipway/scan": ("pending", "")}
    for name in ("parameters", "fetch", "detect", "dockerfile", "built", "test", "build", "push", "scan", "tag"):
        job.step(name, summary=f"{name} done")
    job.step("scan", summary="scan done", findings=[FINDING])
    done = job.report("SUCCESS")
    assert done.exit_code == 0, done.output
    assert job.statuses() == {
        "slipway/build": ("success", "push done"),
        "slipway/test": ("success", "test done"),
        "slipway/scan": ("success", "tag done: scan done"),
    }
    assert "build       passed       2.0 s" in done.output
    assert "build       passed       2.0 s" in (job.folder / "steps.txt").read_text()
    (comment,) = [each.note for each in job.commit.comments.list(get_all=True)]
    assert "`` @all `x` \\| y ``" in comment
    assert "javascript" not in comment
    assert job.report("SUCCESS").exit_code == 0
    assert len(job.commit.comments.list(get_all=True)) == 1, "the same is not said twice"


def test_a_failed_build_and_the_next_one_of_the_same_commit(job: Job) -> None:
    job.step("parameters")
    job.step("test", "failed", "Error: 2 tests failed\nNext: mend them")
    assert job.report("FAILURE").exit_code == 0
    assert job.statuses()["slipway/test"] == ("failed", "test: Error: 2 tests failed")
    (job.folder / "test.json").unlink()
    assert job.report().exit_code == 0
    assert job.statuses()["slipway/test"][0] == "pending", "it can begin anew"


def test_a_build_that_was_lost_is_told_by_another_agent(job: Job) -> None:
    assert job.report().exit_code == 0
    assert job.report("ABORTED").exit_code == 0
    state, why = job.statuses()["slipway/build"]
    assert state == "canceled"
    assert "the agent's pod is gone" in why


def test_a_release_is_told_at_the_commit_that_it_is_of(job: Job) -> None:
    job.environment["JOB_NAME"] = "acme/update/alice-shop"
    assert job.report().exit_code == 0
    assert job.statuses() == {"slipway/deploy": ("running", "")}
    job.step("update", summary="v1.2.3 answers at http://shop.dev.test")
    assert job.report("SUCCESS").exit_code == 0
    assert job.statuses() == {"slipway/deploy": ("success", "v1.2.3 answers at http://shop.dev.test")}


def test_a_rollback_knows_its_commit_from_the_history(job: Job) -> None:
    job.environment["JOB_NAME"] = "acme/update/alice-shop"
    job.step("update", summary="v1.0.0 answers", outcome={"source": job.commit.id})
    assert job.report("SUCCESS", SOURCE="").exit_code == 0
    assert job.statuses()["slipway/deploy"] == ("success", "v1.0.0 answers")


@pytest.mark.parametrize(
    ("changed", "said"), [({"SOURCE": ""}, "no commit"), ({"SOURCE": "$(id)"}, "no commit"), ({"SLIPWAY_STATUS_TOKEN": ""}, "not given")]
)
def test_without_commit_or_token_nothing_is_set(job: Job, changed: dict[str, str], said: str) -> None:
    done = job.report("SUCCESS", **changed)
    assert done.exit_code == 0
    assert said in done.output
    assert job.statuses() == {}


def test_a_token_that_has_expired_is_told_and_not_shown(job: Job) -> None:
    wrong = "glpat-wrong-and-secret-token"
    running, ended = job.report(SLIPWAY_STATUS_TOKEN=wrong), job.report("SUCCESS", SLIPWAY_STATUS_TOKEN=wrong)
    assert (running.exit_code, ended.exit_code) == (0, 4)
    for done in (running, ended):
        assert "answered 401" in done.output
        assert wrong not in done.output


def test_a_gitlab_that_is_away_is_told(job: Job) -> None:
    url = "http://127.0.0.1:9"
    done = job.report(SLIPWAY_GITLAB_URL=url, REPOSITORY_URL=f"{url}/platform/x/acme/alice-shop.git")
    assert done.exit_code == 0, "it is no reason to stop"
    assert "does not answer" in done.output
