"""The plugin while GitLab is unwell: faults are borne with, and a creation whose answer was lost leaves no duplicate."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from sandbox.providers import api
from sandbox.providers.api import RefusedError
from sandbox.providers.gitlab import GitLab
from sandbox.providers.plugin import State
from tests.unit.sandbox.providers.gitlab_server import ROOT_TOKEN, Kind, serving


class Unwell(HTTPAdapter):
    """A way to GitLab on which the next requests of a method meet faults, in their order.

    A number is a status without the deed; `cut` a connection that breaks before it, `lost` one that breaks after it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.faults: dict[str, list[int | str]] = {}
        self.headers: dict[str, str] = {}
        self.asked: list[str] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.asked.append(str(request.method))
        due = self.faults.get(str(request.method), [])
        fault = due.pop(0) if due else None
        if fault == "cut":
            raise requests.ConnectionError(f"with the header {request.headers['PRIVATE-TOKEN']}")
        if isinstance(fault, int):
            response = requests.Response()
            response.status_code, response.reason, response.raw = fault, "Unwell", None
            response._content, response.url = b"", str(request.url)
            response.headers.update(self.headers)
            return response
        answer = super().send(request, *args, **kwargs)
        if fault == "lost":
            raise requests.exceptions.ChunkedEncodingError("IncompleteRead")
        return answer


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("gitlab")) as url:
        yield url


@pytest.fixture
def way() -> Unwell:
    return Unwell()


@pytest.fixture
def gitlab(address: str, way: Unwell, monkeypatch: pytest.MonkeyPatch) -> GitLab:
    session = requests.Session

    def faulty() -> requests.Session:
        made = session()
        made.mount("http://", way)
        return made

    monkeypatch.setattr(requests, "Session", faulty)
    monkeypatch.setattr(api, "_LONGEST_PAUSE_SECONDS", 0.01)
    plugin = GitLab()
    plugin.configure({"baseUrl": f"{address}/api/v4/", "token": ROOT_TOKEN})
    return plugin


@pytest.fixture(scope="module")
def well(address: str) -> GitLab:
    plugin = GitLab()
    plugin.configure({"baseUrl": f"{address}/api/v4/", "token": ROOT_TOKEN})
    return plugin


@pytest.fixture(scope="module")
def project(well: GitLab) -> State:
    return Kind(well, "Project").create(name="shared", namespaceId=_group(well), initializeWithReadme=True, defaultBranch="main")


@pytest.fixture(scope="module")
def user(well: GitLab) -> int:
    """The number of a user who is in no shared project: the bot of another one's token."""
    other = Kind(well, "Project").create(name="other", namespaceId=_group(well))
    return int(Kind(well, "ProjectAccessToken").create(project=other.id, **KINDS["ProjectAccessToken"]).outputs["userId"])


def _group(gitlab: GitLab) -> int:
    group = gitlab.invoke("gitlab:index/getGroup:getGroup", {"fullPath": "platform"})
    assert group is not None
    return int(group["groupId"])


@pytest.mark.parametrize("fault", [500, 502, 503, 504, 429, "cut", "lost"])
def test_a_question_is_asked_again(gitlab: GitLab, way: Unwell, fault: int | str) -> None:
    way.faults = {"GET": [fault, fault, fault]}
    assert _group(gitlab)
    assert way.asked == ["GET"] * 4


KINDS: dict[str, dict[str, Any]] = {
    "ProjectHook": {"url": "http://10.1.2.3/a", "token": "t" * 20, "pushEvents": True},
    "ProjectDeployToken": {"name": "reader", "scopes": ["read_repository"]},
    "ProjectAccessToken": {"name": "bot", "scopes": ["api"], "accessLevel": "developer", "expiresAt": "2099-01-01"},
    "ProjectVariable": {"key": "MODE", "value": "a"},
    "ProjectMembership": {"accessLevel": "developer"},
    "BranchProtection": {"branch": "main", "pushAccessLevel": "maintainer", "mergeAccessLevel": "maintainer"},
}


@pytest.mark.parametrize("faults", [[503, 429, "cut"], ["lost", 500, "lost"]], ids=str)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_creation_that_met_a_fault_is_made_once(
    gitlab: GitLab, way: Unwell, project: State, user: int, kind: str, faults: list[int | str]
) -> None:
    made = Kind(gitlab, kind)
    inputs = {"project": project.id, **KINDS[kind], **({"userId": user} if kind == "ProjectMembership" else {})}
    before = made.listed(inputs)
    way.faults = {"POST": list(faults)}
    state = made.create(**inputs)
    assert len(way.faults["POST"]) < len(faults)
    new = [each for each in made.listed(inputs) if each not in before and not each.get("revoked")]
    assert [str(each[made.key]) for each in new] == [state.id.split(":")[1]]
    if kind.endswith("Token"):
        assert state.outputs["token"], "one that nobody was told is of no use"
    made.delete(state)


@pytest.mark.parametrize("fault", [503, "lost"])
def test_a_group_with_a_project_is_made_once(gitlab: GitLab, way: Unwell, fault: int | str) -> None:
    way.faults = {"POST": [fault, fault]}
    group = Kind(gitlab, "Group").create(name=f"group-{fault}", path=f"group-{fault}", parentId=_group(gitlab))
    way.faults = {"POST": [fault, fault]}
    project = Kind(gitlab, "Project").create(name="one", path="one", namespaceId=int(group.id))
    way.faults = {"DELETE": [fault, fault]}
    Kind(gitlab, "Project").delete(project)
    Kind(gitlab, "Group").delete(group)


@pytest.mark.parametrize("fault", [503, "lost"])
def test_one_that_was_there_before_is_not_taken_over(gitlab: GitLab, way: Unwell, fault: int | str) -> None:
    inputs = {"name": f"taken-{fault}", "path": f"taken-{fault}", "namespaceId": _group(gitlab)}
    Kind(gitlab, "Project").create(**inputs)
    way.faults = {"POST": [fault]}
    with pytest.raises(RefusedError, match="already been taken"):
        Kind(gitlab, "Project").create(**inputs)


@pytest.mark.parametrize("fault", [503, "lost"])
def test_a_file_is_committed_changed_and_removed_once(gitlab: GitLab, way: Unwell, project: State, fault: int | str) -> None:
    files = Kind(gitlab, "RepositoryFile")
    for verb in ("POST", "PUT", "DELETE"):
        way.faults[verb] = [fault]
    state = files.create(project=project.id, branch="main", filePath="a/b.yaml", content="a: 1\n", encoding="text")
    state = files.update(state, content="a: 2\n")
    files.delete(state)
    assert not any(way.faults.values())


def test_git_lab_says_how_long_to_wait(gitlab: GitLab, way: Unwell, monkeypatch: pytest.MonkeyPatch) -> None:
    paused: list[float] = []
    monkeypatch.setattr(time, "sleep", paused.append)
    monkeypatch.setattr(time, "time", lambda: 1000.0)
    way.faults, way.headers = {"GET": [429]}, {"Retry-After": "17"}
    assert _group(gitlab)
    way.faults, way.headers = {"GET": [429]}, {"RateLimit-Reset": "1042"}
    assert _group(gitlab)
    assert paused == [17, 42]


@pytest.mark.parametrize("fault", [503, "cut"])
def test_who_gives_up_says_what_failed_and_what_to_do(
    gitlab: GitLab, way: Unwell, monkeypatch: pytest.MonkeyPatch, fault: int | str
) -> None:
    monkeypatch.setattr(api, "_PATIENCE_SECONDS", 0.2)
    way.faults = {"GET": [fault] * 1000}
    with pytest.raises(
        RefusedError, match=r"GitLab.* GET /groups/platform .*\d times in \d+ s\); next: see whether GitLab is well"
    ) as given_up:
        _group(gitlab)
    assert len(way.asked) > 2
    assert ROOT_TOKEN not in str(given_up.value)


def test_what_waiting_cannot_mend_is_said_at_once(gitlab: GitLab, way: Unwell) -> None:
    way.faults = {"GET": [400]}
    with pytest.raises(RefusedError, match="with 400: Unwell"):
        _group(gitlab)
    assert way.asked == ["GET"]
