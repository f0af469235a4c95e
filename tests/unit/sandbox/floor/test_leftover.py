"""What an interrupted run was creating in GitLab is taken over, or goes where nobody could use it; nothing is there twice."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from gitlab import Gitlab

from sandbox import leftover
from sandbox.leftover import Leftover
from tests.unit.sandbox.providers.gitlab_server import ROOT_TOKEN, serving

URL = "http://argocd.dev.test/api/webhook"


@pytest.fixture(scope="module")
def gitlab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gitlab]:
    """The administrator of a GitLab."""
    with serving(tmp_path_factory.mktemp("gitlab")) as url:
        yield Gitlab(url, private_token=ROOT_TOKEN)


@pytest.fixture
def project(gitlab: Gitlab, tmp_path: Path) -> Any:
    parent = gitlab.groups.get("platform")
    return gitlab.projects.create({"name": tmp_path.name, "namespace_id": parent.id, "initialize_with_readme": True})


def settle(gitlab: Gitlab, monkeypatch: pytest.MonkeyPatch, kind: str, inputs: dict[str, Any], known: str = "") -> str | None:
    """The id under which an interrupted creation is taken over. `known` is the id of one of that type in the state."""
    monkeypatch.setattr(leftover, "gitlab_client", lambda *_: gitlab)
    type_token = f"gitlab:index/{kind}"
    state = {"resources": [{"type": type_token, "id": known}]}
    nothing = cast("Any", None)
    return Leftover(nothing, nothing, nothing, state).settle({"urn": f"urn::{kind}::x", "type": type_token, "inputs": inputs})


def test_a_group_and_a_project_that_are_there_are_taken_over(gitlab: Gitlab, project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    parent = gitlab.groups.get("platform").id
    there = settle(gitlab, monkeypatch, "project:Project", {"namespaceId": parent, "path": project.path})
    assert there == str(project.id)
    assert settle(gitlab, monkeypatch, "project:Project", {"namespaceId": parent, "path": "nothing"}) is None
    group = gitlab.groups.create({"name": project.path, "path": f"g-{project.id}", "parent_id": parent})
    assert settle(gitlab, monkeypatch, "group:Group", {"parentId": parent, "path": group.path}) == str(group.id)


def test_a_hook_is_known_by_its_url_unless_the_state_has_it(gitlab: Gitlab, project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = {"project": str(project.id), "url": URL}
    assert settle(gitlab, monkeypatch, "projectHook:ProjectHook", inputs) is None
    hook = project.hooks.create({"url": URL})
    identity = f"{project.id}:{hook.id}"
    assert settle(gitlab, monkeypatch, "projectHook:ProjectHook", inputs) == identity
    assert settle(gitlab, monkeypatch, "projectHook:ProjectHook", inputs, known=identity) is None


def test_a_protected_branch_is_taken_over(gitlab: Gitlab, project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = {"project": str(project.id), "branch": "release"}
    assert settle(gitlab, monkeypatch, "branchProtection:BranchProtection", inputs) is None
    project.protectedbranches.create({"name": "release"})
    assert settle(gitlab, monkeypatch, "branchProtection:BranchProtection", inputs) == f"{project.id}:release"


def test_a_deploy_token_that_nobody_was_told_goes(
    gitlab: Gitlab, project: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = project.deploytokens.create({"name": "argocd", "scopes": ["read_repository"]})
    project.deploytokens.create({"name": "argocd", "scopes": ["read_repository"]})
    inputs = {"project": str(project.id), "name": "argocd"}
    known = f"{project.id}:{kept.id}"
    assert settle(gitlab, monkeypatch, "projectDeployToken:ProjectDeployToken", inputs, known=known) is None
    assert [token.id for token in project.deploytokens.list(get_all=True)] == [kept.id]
    assert "the token argocd was being created: revoked" in capsys.readouterr().err
