"""Faults and the rate limit on demand, as clients of the API and of Git meet them."""

import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import gitlab
import httpx
import pytest

Git = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def control(server: Any) -> Iterator[httpx.Client]:
    headers = {"PRIVATE-TOKEN": server.client().private_token}
    with httpx.Client(base_url=f"{server.url}/-/stand-in", headers=headers) as client:
        yield client
        client.delete("/faults")
        client.delete("/rate-limit")


def add(control: httpx.Client, **rule: Any) -> None:
    answer = control.post("/faults", json=[rule])
    assert answer.status_code == 201, answer.text


def hits(control: httpx.Client) -> list[int]:
    return [rule["hits"] for rule in control.get("/faults").json()]


def test_a_status_comes_instead_of_the_effect_as_often_as_asked(root: Any, project: Any, control: httpx.Client) -> None:
    add(control, method="POST", path=f"/projects/{project.id}/variables", kind="status", status=502, times=1, skip=1)
    project.variables.create({"key": "A", "value": "a"})
    with pytest.raises(gitlab.GitlabCreateError, match="502 Bad Gateway") as failed:
        project.variables.create({"key": "B", "value": "b"})
    assert failed.value.response_code == 502
    project.variables.create({"key": "C", "value": "c"})
    assert [each.key for each in project.variables.list(get_all=True)] == ["A", "C"]
    assert hits(control) == [1]


def test_a_connection_is_cut_before_or_after_the_effect(server: Any, project: Any, control: httpx.Client) -> None:
    path = f"/projects/{project.id}/variables"
    api = httpx.Client(base_url=f"{server.url}/api/v4", headers={"PRIVATE-TOKEN": server.client().private_token})
    for kind, key in (("cut", "BEFORE"), ("cut_after", "AFTER")):
        add(control, method="POST", path=path, kind=kind)
        with pytest.raises(httpx.TransportError):
            api.post(path, json={"key": key, "value": "v"})
    assert [each.key for each in project.variables.list(get_all=True)] == ["AFTER"]
    assert hits(control) == [1, 1]


def test_a_rate_limit_names_when_to_come_back(root: Any, project: Any, control: httpx.Client) -> None:
    add(control, path=f"/projects/{project.id}$", kind="rate_limit", seconds=0)
    assert root.projects.get(project.id).id == project.id, "python-gitlab comes back by itself after Retry-After"
    assert hits(control) == [1]
    add(control, path=f"/projects/{project.id}$", kind="rate_limit", seconds=7)
    refused = httpx.get(f"{root.api_url}/projects/{project.id}")
    assert (refused.status_code, refused.text, refused.headers["retry-after"]) == (429, "Retry later\n", "7")
    assert refused.headers["content-type"].startswith("text/plain")


def test_git_meets_faults_too(server: Any, project: Any, git: Git, control: httpx.Client) -> None:
    remote = server.remote(project.path_with_namespace)
    for rule, text in (({"kind": "status", "status": 503}, "503"), ({"kind": "cut"}, "Empty reply"), ({"kind": "rate_limit"}, "429")):
        add(control, path=r"\.git/info/refs\?service=git-upload-pack", **rule)
        refused = git("ls-remote", remote)
        assert refused.returncode != 0
        assert text in refused.stderr
    add(control, path=r"\.git/info/refs", kind="slow", seconds=0.01)
    assert git("ls-remote", remote).returncode == 0
    assert hits(control) == [1, 1, 1, 1]


def test_the_switched_on_limit_counts_each_caller(server: Any, project: Any, control: httpx.Client) -> None:
    control.put("/rate-limit", json={"requests": 2, "period": 3600})
    url, caller = f"{server.url}/api/v4/version", {"PRIVATE-TOKEN": project.access_tokens.create({"name": "t", "scopes": ["api"]}).token}
    answers = [httpx.get(url, headers=caller) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["1", "0", "0"]
    assert (answers[2].text, answers[2].headers["ratelimit-observed"]) == ("Retry later\n", "3")
    assert 0 < int(answers[2].headers["retry-after"]) <= 3600
    control.delete("/rate-limit")
    assert httpx.get(url, headers=caller).status_code == 200


def test_only_administrators_control_it_and_wrong_rules_are_all_named(server: Any, project: Any, control: httpx.Client) -> None:
    token = project.access_tokens.create({"name": "t", "scopes": ["api"]}).token
    assert httpx.get(f"{server.url}/-/stand-in/faults").status_code == 401
    assert httpx.get(f"{server.url}/-/stand-in/faults", headers={"PRIVATE-TOKEN": token}).status_code == 403
    wrong = control.post("/faults", json=[{"kind": "boom", "path": "("}, {"kind": "cut", "times": "x", "sometimes": 1}])
    assert wrong.status_code == 400
    for part in ("rule 0: kind is 'boom'", "rule 0: path is '('", "rule 1: times is 'x'", "rule 1 has the unknown field 'sometimes'"):
        assert part in wrong.json()["error"]
    assert control.post("/faults", content=b"{").status_code == 400
    assert control.get("/faults").json() == []
