"""Users who are blocked or inactive, and tokens that are used after their end."""

import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import gitlab
import pytest

Git = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def mia(root: Any) -> Any:
    name = f"mia-{uuid4().hex[:8]}"
    return root.users.create({"username": name, "name": "Mia", "email": f"{name}@example.com", "force_random_password": True})


def test_a_blocked_user_does_nothing_until_unblocked(server: Any, root: Any, project: Any, mia: Any, git: Git) -> None:
    project.members.create({"user_id": mia.id, "access_level": 30})
    token = mia.personal_access_tokens.create({"name": "t", "scopes": ["api"]}).token
    client, remote = server.client(token), server.remote(project.path_with_namespace, secret=token)
    assert git("ls-remote", remote).returncode == 0
    mia.block()
    assert (root.users.get(mia.id).state, [each.id for each in root.users.list(blocked=True, search=mia.username)]) == ("blocked", [mia.id])
    with pytest.raises(gitlab.GitlabError, match="Your account has been blocked") as refused:
        client.projects.get(project.id)
    assert refused.value.response_code == 403
    assert git("ls-remote", remote).returncode != 0
    mia.unblock()
    assert client.projects.get(project.id).id == project.id


def test_a_deactivated_user_comes_back_with_the_first_call(server: Any, root: Any, mia: Any) -> None:
    client = server.client(mia.personal_access_tokens.create({"name": "t", "scopes": ["api"]}).token)
    mia.deactivate()
    assert root.users.get(mia.id).state == "deactivated"
    client.auth()
    assert root.users.get(mia.id).state == "active"


def test_only_administrators_change_users(server: Any, root: Any, mia: Any) -> None:
    client = server.client(mia.personal_access_tokens.create({"name": "t", "scopes": ["api"]}).token)
    with pytest.raises(gitlab.GitlabError) as refused:
        client.http_post(f"/users/{mia.id}/block")
    assert refused.value.response_code == 403
    with pytest.raises(gitlab.GitlabError) as refused:
        root.http_post(f"/users/{mia.id}/unblock")
    assert refused.value.response_code == 403
    mia.name = "Mia M."
    mia.save()
    assert root.users.get(mia.id).name == "Mia M."


def test_each_kind_of_token_sees_itself(server: Any, group: Any, project: Any, mia: Any) -> None:
    made = [
        mia.personal_access_tokens.create({"name": "personal", "scopes": ["read_repository"]}),
        project.access_tokens.create({"name": "project", "scopes": ["read_repository"], "access_level": 20}),
        group.access_tokens.create({"name": "group", "scopes": ["read_repository"], "access_level": 20}),
    ]
    for token in made:
        seen = server.client(token.token).personal_access_tokens.get("self")
        assert (seen.id, seen.name, seen.scopes, seen.active) == (token.id, token.name, ["read_repository"], True)


def test_rotating_a_token_again_ends_its_whole_family(server: Any, project: Any) -> None:
    first = project.access_tokens.create({"name": "t", "scopes": ["api", "self_rotate"], "access_level": 30})
    second = server.client(first.token).http_post(f"/projects/{project.id}/access_tokens/self/rotate")
    assert server.client(second["token"]).projects.get(project.id).id == project.id
    with pytest.raises(gitlab.GitlabError) as refused:
        project.manager.gitlab.http_post(f"/projects/{project.id}/access_tokens/{first.id}/rotate")
    assert refused.value.response_code == 400
    with pytest.raises(gitlab.GitlabAuthenticationError, match="invalid_token"):
        server.client(second["token"]).projects.get(project.id)


def test_a_token_past_its_day_is_refused_by_api_and_git(own_server: Any, git: Git, tmp_path: Path) -> None:
    project = own_server.client().projects.create({"name": "p", "initialize_with_readme": True})
    token = project.access_tokens.create({"name": "t", "scopes": ["api"], "access_level": 30})
    with sqlite3.connect(tmp_path / "server/data/gitlab.sqlite") as database:
        database.execute("UPDATE access_tokens SET expires_at = date() WHERE id = ?", [token.id])
    database.close()
    with pytest.raises(gitlab.GitlabAuthenticationError, match="invalid_token"):
        own_server.client(token.token).projects.get(project.id)
    assert git("ls-remote", own_server.remote(project.path_with_namespace, secret=token.token)).returncode != 0
