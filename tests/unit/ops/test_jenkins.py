"""`slipway jenkins`: handing the jobs over to a Jenkins that is not the platform's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from components import jcasc
from ops import jenkins
from tests.unit.sandbox.services.jenkins.kit import ADMIN, READER, Kit, controller, folder, job

SECRET = "token-of-gitops"


def text() -> str:
    application = jcasc.application(
        name="alice-shop", title="acme/alice/shop", repository="http://gitlab.dev.test/acme/alice-shop.git", branch="main",
        workspace="acme", user="alice", project="shop", port=8080, domain="dev.test", host="", hook="hook-token",
    )  # fmt: skip
    update = [jcasc.login("gitops", "commits", "bot", SECRET)]
    jobs = jcasc.workspace_jobs(
        folder="acme", description="", pipeline="", revision="", build=[], update=update, applications=[application]
    )
    return jcasc.text({"jobs": jobs + jcasc.workspaces("dev", ["acme"])})


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with controller(tmp_path) as made:
        yield made


def outputs(kit: Kit, user: tuple[str, str] = ADMIN) -> dict[str, Any]:
    """Those of a stack on this Jenkins."""
    return {"jenkinsUrl": str(kit.http.base_url), "jenkinsUsername": user[0], "jenkinsPassword": user[1], "jenkinsJobs": text()}


def test_the_jobs_are_handed_over_and_verified(kit: Kit, capsys: pytest.CaptureFixture[str]) -> None:
    known = outputs(kit)
    kit.engine.items = [folder("acme"), folder("acme/build"), folder("acme/update"), job(), job("acme/update/alice-shop")]
    with jenkins._client(known) as client:
        jenkins._post(client, known["jenkinsJobs"])
        assert [sorted(environment) for _, environment in kit.engine.scripts] == [
            ["SLIPWAY_WORKSPACE"],
            ["SLIPWAY_WORKSPACE", "SLIPWAY_WORKSPACES"],
        ]
        jenkins._verify(client, known)
    assert "Every job is in" in capsys.readouterr().out


def test_a_job_that_is_not_there_is_named(kit: Kit) -> None:
    with jenkins._client(outputs(kit)) as client, pytest.raises(click.ClickException, match="not in Jenkins: acme/update/alice-shop; next"):
        jenkins._verify(client, outputs(kit))


def test_who_does_not_administer_it_is_refused(kit: Kit) -> None:
    with jenkins._client(outputs(kit, READER)) as client, pytest.raises(click.ClickException, match=r"refuses the user \(HTTP 403\)"):
        jenkins._post(client, text())


def test_what_jenkins_does_not_take_is_told_without_the_text(tmp_path: Path) -> None:
    with controller(tmp_path) as kit:
        kit.engine.refuse = f"no {SECRET}"
        with (
            jenkins._client(outputs(kit)) as client,
            pytest.raises(click.ClickException, match=r"did not take the jobs \(HTTP 500\)") as told,
        ):
            jenkins._post(client, text())
    assert SECRET not in told.value.message


def test_a_jenkins_that_is_not_there_is_told() -> None:
    known = {"jenkinsUrl": "http://127.0.0.1:9", "jenkinsUsername": "a", "jenkinsPassword": "b", "jenkinsJobs": text()}
    with jenkins._client(known) as client, pytest.raises(click.ClickException, match="cannot be reached"):
        jenkins._post(client, text())
