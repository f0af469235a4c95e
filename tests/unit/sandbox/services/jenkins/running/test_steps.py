"""The other steps: credentials, builds of other jobs, GitLab, the build's name."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.services.jenkins.model import ABORTED, FAILURE, SUCCESS, UNSTABLE, Credential, StepError, Steps
from sandbox.services.jenkins.running.steps import downstream
from tests.unit.sandbox.providers.gitlab_server import ROOT_TOKEN, serving
from tests.unit.sandbox.services.jenkins.running.build import Bench, Here, bench

PAIR = Credential(id="pair", kind="usernamePassword", username="robot", secret="pa55w0rd")
TEXT = Credential(id="text", kind="string", secret="t3xt-s3cret")
FILE = Credential(id="file", kind="file", secret="apiVersion: v1\nusers: [{token: ab0ut}]\n")


@pytest.fixture
def made(tmp_path: Path) -> Bench:
    """A build that sees credentials of each kind."""
    return bench(tmp_path, credentials={each.id: each for each in (PAIR, TEXT, FILE)})


@pytest.mark.parametrize(("binding", "variables"), [
    (
        {"kind": "usernamePassword", "credentialsId": "pair", "usernameVariable": "U", "passwordVariable": "P"},
        {"U": "robot", "P": "pa55w0rd"},
    ),
    ({"kind": "usernameColonPassword", "credentialsId": "pair", "variable": "B"}, {"B": "robot:pa55w0rd"}),
    ({"kind": "string", "credentialsId": "text", "variable": "T"}, {"T": "t3xt-s3cret"}),
    ({"kind": "credentials", "credentialsId": "pair", "variable": "X"}, {"X_USR": "robot", "X": "robot:pa55w0rd", "X_PSW": "pa55w0rd"}),
    ({"kind": "credentials", "credentialsId": "text", "variable": "X"}, {"X": "t3xt-s3cret"}),
])  # fmt: skip
def test_bindings(made: Bench, binding: dict[str, str], variables: dict[str, str]) -> None:
    def pipeline(steps: Steps) -> None:
        opened = steps.call("credentials.open", {"bindings": [binding]}, {})
        assert opened["env"] == variables
        steps.call("echo", {"message": str(variables)}, {})
        steps.call("credentials.close", {"credentials": opened["credentials"]}, {})

    assert made.run(pipeline) == SUCCESS
    assert "pa55w0rd" not in made.record.log
    assert "t3xt-s3cret" not in made.record.log


def test_a_file_is_there_as_long_as_it_is_bound(made: Bench) -> None:
    def work(here: Here) -> None:
        opened = here("credentials.open", bindings=[{"kind": "file", "credentialsId": "file", "variable": "F"}])
        assert Path(opened["env"]["F"]).read_text() == FILE.secret
        here.within(env=opened["env"])("sh", script='cat "$F"')
        here("credentials.close", credentials=opened["credentials"])
        assert not Path(opened["env"]["F"]).exists()

    assert made.on_node(work) == SUCCESS
    assert "ab0ut" not in made.record.log


@pytest.mark.parametrize(("binding", "message"), [
    ({"kind": "string", "credentialsId": "nope", "variable": "X"}, "Could not find credentials entry with ID 'nope'"),
    ({"kind": "string", "credentialsId": "pair", "variable": "X"}, "is of type 'usernamePassword' where a 'string' was expected"),
    ({"kind": "sshUserPrivateKey", "credentialsId": "pair"}, "binding 'sshUserPrivateKey' of withCredentials"),
])  # fmt: skip
def test_credentials_that_cannot_be_had(made: Bench, binding: dict[str, str], message: str) -> None:
    assert made.run(lambda steps: steps.call("credentials.open", {"bindings": [binding]}, {})) == FAILURE
    assert message in made.record.log


def test_exceptions_hold_no_secret(made: Bench) -> None:
    def pipeline(steps: Steps) -> None:
        steps.call("credentials.open", {"bindings": [{"kind": "string", "credentialsId": "text", "variable": "T"}]}, {})
        with pytest.raises(StepError, match=r"No such DSL method '\*\*\*\*' found among steps \[addGitLabMRComment, ") as failed:
            steps.call("t3xt-s3cret", {}, {})
        assert "t3xt-s3cret" not in str(failed.value)

    assert made.run(pipeline) == SUCCESS


@pytest.mark.parametrize(("name", "path"), [
    ("../update/x", "acme/update/x"), ("x", "acme/build/x"), ("/abs/path", "abs/path"), ("./x", "acme/build/x"),
    ("../../other/x", "other/x"),
])  # fmt: skip
def test_names_of_jobs(name: str, path: str) -> None:
    assert downstream.resolve("acme/build/alice-shop", name) == path


def test_a_name_above_the_top() -> None:
    with pytest.raises(StepError, match="leads out of the top folder"):
        downstream.resolve("acme/build/x", "../../../x")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without waiting."""
    monkeypatch.setattr(downstream, "TICK", 0.001)


@pytest.mark.usefixtures("quick")
def test_a_build_of_another_job(made: Bench) -> None:
    made.controller.outcomes = [(0, None), (3, None), (3, None), (3, SUCCESS)]

    def pipeline(steps: Steps) -> None:
        given = [{"kind": "string", "name": "TAG", "value": "v1"}, {"kind": "booleanParam", "name": "DRY", "value": True}]
        found = steps.call("build", {"job": "../update/alice-shop", "parameters": given}, {})
        assert (found["number"], found["result"], found["currentResult"]) == (3, SUCCESS, SUCCESS)
        assert found["absoluteUrl"] == "http://jenkins.test/job/acme/job/update/job/alice-shop/3/"

    assert made.run(pipeline) == SUCCESS, made.record.log
    assert made.controller.scheduled == [("acme/update/alice-shop", {"TAG": "v1", "DRY": True}, "acme/build/alice-shop #7")]
    log = made.record.log
    assert "Scheduling project: acme » update » alice-shop\nStarting building: acme » update » alice-shop #3\n" in log


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("result", [FAILURE, UNSTABLE, ABORTED])
def test_the_result_of_another_build_counts_if_it_is_to(made: Bench, result: str) -> None:
    made.controller.outcomes = [(3, result)]
    assert made.run(lambda steps: steps.call("build", {"job": "x", "propagate": False}, {})) == SUCCESS
    assert made.run(lambda steps: steps.call("build", {"job": "x"}, {})) == result
    assert f"acme » build » x #3 completed with status {result} (propagate: false to ignore)" in made.record.log


def test_a_build_that_is_not_waited_for(made: Bench) -> None:
    assert made.run(lambda steps: steps.call("build", {"job": "x", "wait": False}, {})) == SUCCESS
    assert "Starting building" not in made.record.log


def test_how_a_build_is_shown(made: Bench) -> None:
    made.run(lambda steps: steps.call("currentBuild", {"displayName": "v1"}, {}))
    assert made.record.shown == {"display_name": "v1", "description": None}


def test_sleep_ends_with_the_build(made: Bench) -> None:
    def pipeline(steps: Steps) -> None:
        steps.call("interrupt", {"calls": [9]}, {"id": 10})
        steps.call("sleep", {"time": 1, "unit": "HOURS"}, {"id": 9})

    assert made.run(pipeline) == ABORTED


@pytest.fixture(scope="module")
def gitlab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, str, int, str]]:
    """API, address, id and head of a project with the path platform/shop."""
    with (
        serving(tmp_path_factory.mktemp("gitlab")) as url,
        httpx.Client(base_url=f"{url}/api/v4", headers={"PRIVATE-TOKEN": ROOT_TOKEN}) as api,
    ):
        group = api.get("/groups/platform").json()["id"]
        id = api.post("/projects", json={"name": "shop", "namespace_id": group}).json()["id"]
        action = {"action": "create", "file_path": "x", "content": "x"}
        body = {"branch": "main", "commit_message": "x", "actions": [action]}
        yield api, url, id, api.post(f"/projects/{id}/repository/commits", json=body).json()["id"]


def test_statuses_in_gitlab(made: Bench, gitlab: tuple[httpx.Client, str, int, str]) -> None:
    api, url, id, head = gitlab
    made.controller.connection = (url, ROOT_TOKEN)
    made.record.environment = {
        **made.record.environment, "gitlabAfter": head, "gitlabSourceRepoHttpUrl": f"{url}/platform/shop.git", "gitlabSourceBranch": "main"
    }  # fmt: skip

    def states() -> dict[str, str]:
        found: list[dict[str, Any]] = api.get(f"/projects/{id}/repository/commits/{head}/statuses").json()
        return {each["name"]: each["status"] for each in found}

    def pipeline(steps: Steps) -> None:
        steps.call("gitlab.status.open", {"name": "build", "state": "running"}, {})
        assert states() == {"build": "running"}
        steps.call("gitlab.status.close", {"name": "build", "state": "success"}, {})
        steps.call("updateGitlabCommitStatus", {"name": "other", "state": "failed"}, {})
        assert states() == {"build": "success", "other": "failed"}
        steps.call("updateGitlabCommitStatus", {"name": "x", "state": "failed", "builds": [{"projectId": 99, "revisionHash": head}]}, {})
        with pytest.raises(StepError, match="state 'wonderful' of a GitLab status: expected one of pending"):
            steps.call("updateGitlabCommitStatus", {"state": "wonderful"}, {})

    assert made.run(pipeline) == SUCCESS, made.record.log
    assert "Failed to update GitLab commit status for project '99': HTTP 404" in made.record.log
    assert ROOT_TOKEN not in made.record.log


@pytest.mark.parametrize(("connection", "message"), [
    (None, "No GitLab connection configured"),
    (("http://127.0.0.1:1", "t0ken"), "Failed to update GitLab commit status for project '1': ConnectError"),
])  # fmt: skip
def test_a_gitlab_that_does_not_answer_ends_no_build(made: Bench, connection: tuple[str, str] | None, message: str) -> None:
    made.controller.connection = connection
    arguments = {"state": "success", "builds": [{"projectId": 1, "revisionHash": "a" * 40}]}
    assert made.run(lambda steps: steps.call("updateGitlabCommitStatus", arguments, {})) == SUCCESS
    assert message in made.record.log
