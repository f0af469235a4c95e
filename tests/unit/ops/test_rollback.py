"""A person's rollback: the update job is started and followed, in a Jenkins that answers as the real one does."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ops import jenkins_job
from ops.rollback import rollback
from sandbox.services.jenkins.model import Controller, Engine, Parameter
from sandbox.services.jenkins.record import Build
from tests.unit.sandbox.services.jenkins.kit import BUILDER, READER, FakeEngine, FakeRunner, Kit, controller, folder, job

UPDATE = "acme/update/alice-shop"
PARAMETERS = tuple(Parameter(name=name, default="", description=name) for name in ("ACTION", "TAG", "STEPS", "ACCEPT_RISK"))
REASON = "the shop is down"


class Runner(FakeRunner):
    """Leaves the report that the update job leaves."""

    report: dict[str, Any] | None = None

    def __call__(self, record: Build, controller: Controller, engine: Engine) -> str:
        if self.report is not None:
            (record.folder / "archive/reports").mkdir(parents=True)
            (record.folder / "archive/reports/update.json").write_text(json.dumps(self.report))
        return super().__call__(record, controller, engine)


@pytest.fixture
def runner() -> Runner:
    return Runner()


@pytest.fixture
def kit(tmp_path: Path, runner: Runner, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kit]:
    monkeypatch.setattr(jenkins_job, "EVERY_SECONDS", 0.02)
    items = [folder("acme"), folder("acme/update"), job(UPDATE, parameters=PARAMETERS, gitlab_trigger=None)]
    with controller(tmp_path, engine=FakeEngine(items=items), runner=runner) as made:
        yield made


def run(kit: Kit, *arguments: str, user: tuple[str, str] = BUILDER, **changed: str) -> Result:
    environment = {
        "SLIPWAY_JENKINS_URL": str(kit.http.base_url),
        "SLIPWAY_JENKINS_USER": user[0],
        "SLIPWAY_JENKINS_TOKEN": user[1],
        "NO_PROXY": "127.0.0.1",
    }
    return CliRunner().invoke(rollback, ["acme/alice/shop", *arguments], env=environment | changed)


def test_the_job_is_started_with_what_was_asked_for_and_its_outcome_is_told(kit: Kit, runner: Runner) -> None:
    outcome = {"result": "rolled back", "version": "v1.2.3", "commit": "abc"}
    runner.report = {"summary": "v1.2.3 answers at http://shop.dev.test", "details": {"outcome": outcome}}
    done = run(kit, "--to", "v1.2.3", "--accept-risk", REASON, "--output", "json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["version"] == "v1.2.3"
    assert json.loads(done.stdout)["build"].endswith("/job/alice-shop/1/")
    given = runner.records[0].parameters
    assert {name: given[name] for name in ("ACTION", "TAG", "STEPS", "ACCEPT_RISK")} == {
        "ACTION": "rollback",
        "TAG": "v1.2.3",
        "STEPS": "",
        "ACCEPT_RISK": REASON,
    }
    token = run(kit, "--steps", "2", user=kit.token(BUILDER))
    assert token.exit_code == 0, token.output
    assert "v1.2.3 answers" in token.stdout


@pytest.mark.parametrize(("code", "shown"), [(3, 3), (4, 4), (5, 5), (6, 6), (1, 6), ("x", 6), (None, 6)])
def test_a_refusal_is_told_in_the_jobs_own_words(kit: Kit, runner: Runner, code: Any, shown: int) -> None:
    runner.result = "FAILURE"
    runner.report = {"summary": "CVE-1: the scan is refused\nNext: --accept-risk", "details": {"exit_code": code}}
    done = run(kit, "--to", "v1.2.3")
    assert done.exit_code == shown
    assert "CVE-1: the scan is refused" in done.stderr
    assert "--accept-risk" in done.stderr
    assert "/job/alice-shop/1/" in done.stderr


def test_a_job_without_a_word_shows_the_end_of_its_log(kit: Kit, runner: Runner) -> None:
    runner.result, runner.text = "FAILURE", "first\n" + "more\n" * 50 + "the agent is gone\n"
    done = run(kit, "--to", "v1.2.3")
    assert done.exit_code == 6
    assert "the agent is gone" in done.stderr
    assert "first" not in done.stderr


@pytest.mark.parametrize(
    ("user", "app", "said"),
    [
        (("builder", "wrong-password"), "acme/alice/shop", "SLIPWAY_JENKINS_TOKEN"),
        (READER, "acme/alice/shop", "needs the right to build it"),
        (BUILDER, "acme/alice/none", "spelt so"),
    ],
)
def test_who_may_not_and_what_is_not_there_are_told(kit: Kit, user: tuple[str, str], app: str, said: str) -> None:
    environment = {"SLIPWAY_JENKINS_URL": str(kit.http.base_url), "SLIPWAY_JENKINS_USER": user[0], "SLIPWAY_JENKINS_TOKEN": user[1]}
    done = CliRunner().invoke(rollback, [app, "--to", "v1.0.0"], env=environment | {"NO_PROXY": "127.0.0.1"})
    assert done.exit_code == 4
    assert said in done.stderr
    assert user[1] not in done.output


def test_a_jenkins_that_is_away_is_told(kit: Kit) -> None:
    done = run(kit, "--to", "v1.0.0", SLIPWAY_JENKINS_URL="http://127.0.0.1:9")
    assert done.exit_code == 4
    assert "does not answer" in done.stderr


def test_nobody_waits_for_ever(kit: Kit, runner: Runner) -> None:
    runner.held = True
    done = run(kit, "--to", "v1.0.0", "--timeout", "1")
    assert done.exit_code == 4
    assert "it goes on" in done.stderr
    runner.release(kit.engine)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [([], 2), (["--to", "v1", "--steps", "1"], 2), (["--to", "a b"], 3), (["--to", "v1", "--accept-risk", "x\ny"], 3)],
)
def test_what_does_not_fit_starts_nothing(kit: Kit, runner: Runner, arguments: list[str], code: int) -> None:
    assert run(kit, *arguments).exit_code == code
    assert not runner.records
