"""The report of a teardown: what each system says is left, and the exit code that tells which."""

import json
from collections.abc import Iterator
from typing import Any

import gitlab
import pytest

from ops.left import Section, code
from ops.left import gitlab as in_gitlab
from ops.left.cluster import Thing, _things
from tests.unit.sandbox.providers.gitlab_server import ROOT_TOKEN, serving


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("gitlab")) as url:
        yield url


@pytest.fixture
def client(url: str) -> gitlab.Gitlab:
    return gitlab.Gitlab(url, private_token=ROOT_TOKEN)


def secret(text: str) -> dict[str, str]:
    """A secret as an export shows it to who may see it."""
    return {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": json.dumps(text)}


def state(url: str, *projects: Any) -> list[dict[str, Any]]:
    """A stack with these projects."""
    settings = {"baseUrl": f"{url}/api/v4/", "token": secret(ROOT_TOKEN)}
    known = [{"urn": f"p{each.id}", "type": "gitlab:index/project:Project", "id": str(each.id), "outputs": {}} for each in projects]
    return [{"urn": "gl", "type": "pulumi:providers:gitlab", "inputs": settings}, *known]


def project(client: gitlab.Gitlab, name: str) -> Any:
    group = client.groups.list(search="platform", get_all=True)[0]
    return client.projects.create({"name": name, "path": name, "namespace_id": group.id})


def looked(resources: list[dict[str, Any]], *stays: str) -> Section:
    found = in_gitlab.look(resources, frozenset(stays))
    assert found is not None
    return found


def test_what_is_there_is_left_or_kept(url: str, client: gitlab.Gitlab) -> None:
    left, kept = project(client, "left"), project(client, "kept")
    found = looked(state(url, left, kept), f"p{kept.id}")
    assert found.left == [f"project {url}/platform/left"]
    assert found.kept == [f"project {url}/platform/kept"]
    assert not found.is_clean


def test_what_gitlab_deletes_later_is_scheduled_with_its_date(url: str, client: gitlab.Gitlab) -> None:
    doomed = project(client, "doomed")
    doomed.delete()
    found = looked(state(url, doomed))
    assert found.left == []
    [line] = found.scheduled
    assert "doomed-deletion_scheduled-" in line
    assert "GitLab deletes on 2" in line
    assert found.is_clean, "it goes by itself"


def test_what_is_gone_is_not_told(url: str, client: gitlab.Gitlab) -> None:
    gone = project(client, "gone")
    gone.delete()
    gone = client.projects.get(gone.id)
    client.http_delete(f"/projects/{gone.id}", query_data={"permanently_remove": True, "full_path": gone.path_with_namespace})
    found = looked(state(url, gone))
    assert (found.left, found.scheduled) == ([], [])
    assert [*found.lines()] == ["  GitLab   1 object looked for, none left"]


def test_a_gitlab_that_is_away_is_no_good_news(client: gitlab.Gitlab) -> None:
    found = looked(state("http://127.0.0.1:9", project(client, "unknown")))
    assert "does not answer" in found.problem
    assert not found.is_clean
    assert ROOT_TOKEN not in "".join(found.lines())


def test_a_token_that_expired_is_told_as_a_problem(url: str, client: gitlab.Gitlab) -> None:
    resources = state(url, project(client, "hidden"))
    resources[0]["inputs"]["token"] = secret("glpat-expired")
    found = looked(resources)
    assert "401" in found.problem


def test_the_exit_code_says_where_something_is_left() -> None:
    clean = Section(system="state", kept=["x"], scheduled=["y"])
    assert code([clean]) == 0
    assert code([clean, Section(system="GitLab", left=["x"]), Section(system="Docker", problem="away")]) == 16 + 64


def test_the_objects_of_a_release_are_looked_for_by_their_names() -> None:
    release = {
        "urn": "r",
        "type": "kubernetes:helm.sh/v3:Release",
        "outputs": {
            "namespace": "argocd",
            "resourceNames": {
                "ConfigMap/v1": ["argocd/argocd-cm"],
                "Deployment.apps/apps/v1": ["argocd/argocd-server"],
                "ClusterRole.rbac.authorization.k8s.io/rbac.authorization.k8s.io/v1": ["argocd-server"],
            },
        },
    }
    assert {thing for thing, _ in _things([release])} == {
        Thing("v1", "ConfigMap", "argocd-cm", "argocd"),
        Thing("apps/v1", "Deployment", "argocd-server", "argocd"),
        Thing("rbac.authorization.k8s.io/v1", "ClusterRole", "argocd-server", "argocd"),
    }
