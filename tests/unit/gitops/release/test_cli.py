"""The command line of `slipway release`, as far as it asks nobody."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gitops.release.cli import release
from gitops.release.errors import Code

DOCUMENTED = (Path(__file__).parents[4] / "docs" / "release.md").read_text()
APP = "acme/alice/shop"
FACTS = ("--image", "a/b", "--tag", "v1")


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITLAB_URL", "GITOPS_PROJECT", "GITLAB_TOKEN", "GITLAB_TOKEN_FILE", "ARGOCD_URL", "ARGOCD_TOKEN", "ARGOCD_TOKEN_FILE"):
        monkeypatch.delenv(f"SLIPWAY_{name}", raising=False)


def run(*arguments: str, **variables: str) -> Result:
    return CliRunner().invoke(release, arguments, env=variables)


def test_every_exit_code_is_documented() -> None:
    documented = {int(code) for code in re.findall(r"^\| (\d) \|", DOCUMENTED, re.MULTILINE)}
    assert documented == {0, 1, 2, *map(int, Code)}


@pytest.mark.parametrize("verb", ["publish", "rollback", "history", "status", "upgrade"])
def test_every_verb_is_documented_and_prints_data(verb: str) -> None:
    assert f"`{verb} APP" in DOCUMENTED
    assert "--output [text|json]" in run(verb, "--help").output


def test_a_secret_is_no_option() -> None:
    for verb in release.commands:
        assert "--token" not in run(verb, "--help").output


def test_what_is_needed_and_was_not_given_is_told_at_once() -> None:
    done = run("publish", APP, *FACTS)
    assert done.exit_code == 3
    assert "--gitlab-url, or SLIPWAY_GITLAB_URL" in done.stderr
    assert "--gitops-project, or SLIPWAY_GITOPS_PROJECT" in done.stderr


def test_a_secret_whose_file_is_not_there_is_told_with_the_file(tmp_path: Path) -> None:
    file = str(tmp_path / "none")
    done = run("history", APP, SLIPWAY_GITLAB_URL="http://127.0.0.1:9", SLIPWAY_GITOPS_PROJECT="a/b", SLIPWAY_GITLAB_TOKEN_FILE=file)
    assert done.exit_code == 4
    assert file in done.stderr
    assert "No such file" in done.stderr


def test_a_gitlab_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    done = run("history", APP, SLIPWAY_GITLAB_URL="http://127.0.0.1:9", SLIPWAY_GITOPS_PROJECT="a/b", SLIPWAY_GITLAB_TOKEN="glpat-secret")
    assert done.exit_code == 4
    assert "http://127.0.0.1:9 does not answer" in done.stderr
    assert "glpat-secret" not in done.output


def test_rollback_wants_a_version_or_a_number() -> None:
    assert run("rollback", APP).exit_code == 2
    assert run("rollback", APP, "--to", "v1", "--steps", "1").exit_code == 2


def test_an_error_is_data_where_data_was_asked_for() -> None:
    done = run("publish", APP, "--image", "A", "--tag", "v1", "--output", "json")
    assert done.exit_code == 3
    assert "--image is 'A'" in json.loads(done.stderr)["error"]
