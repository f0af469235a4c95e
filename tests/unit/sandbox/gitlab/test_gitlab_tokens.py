"""Roles, scopes and expiry of tokens."""

from datetime import UTC, datetime, timedelta
from typing import Any

import gitlab
import pytest


def make_token(owner: Any, level: int, *scopes: str) -> Any:
    return owner.access_tokens.create({"name": "bot", "scopes": list(scopes), "access_level": level})


def test_a_project_token_has_the_role_and_place_it_was_made_for(server: Any, root: Any, group: Any, project: Any) -> None:
    token = make_token(project, 30, "api")
    other = root.projects.create({"name": "other", "namespace_id": group.id})
    bot = server.client(token.token)
    bot.auth()
    assert bot.user.bot
    assert bot.user.id == token.user_id
    mine = bot.projects.get(project.id)
    with pytest.raises(gitlab.GitlabCreateError) as hooks:
        mine.hooks.create({"url": "http://example.com"})
    assert hooks.value.response_code == 403
    with pytest.raises(gitlab.GitlabGetError) as foreign:
        bot.projects.get(other.id)
    assert foreign.value.response_code == 404


def test_a_group_token_reaches_the_projects_below(server: Any, group: Any, project: Any) -> None:
    bot = server.client(make_token(group, 40, "api").token)
    hook = bot.projects.get(project.id).hooks.create({"url": "http://example.com", "token": "s3cret"})
    assert "s3cret" not in str(hook.attributes)


def test_a_developer_writes_only_unprotected_branches(server: Any, project: Any) -> None:
    mine = server.client(make_token(project, 30, "api").token).projects.get(project.id)
    with pytest.raises(gitlab.GitlabCreateError, match="You are not allowed to push into this branch") as refused:
        mine.files.create({"file_path": "x", "content": "x", "branch": "main", "commit_message": "x"})
    assert refused.value.response_code == 400
    mine.files.create({"file_path": "x", "content": "x", "branch": "mine", "start_branch": "main", "commit_message": "x"})
    project.protectedbranches.delete("main")
    project.protectedbranches.create({"name": "main", "push_access_level": 30})
    mine.files.create({"file_path": "x", "content": "x", "branch": "main", "commit_message": "x"})


def test_a_reading_token_cannot_write_through_the_api(server: Any, project: Any) -> None:
    mine = server.client(make_token(project, 40, "read_api").token).projects.get(project.id)
    with pytest.raises(gitlab.GitlabCreateError, match="insufficient_scope") as refused:
        mine.branches.create({"branch": "x", "ref": "main"})
    assert refused.value.response_code == 403


def test_a_token_of_a_revoked_or_expired_kind_is_refused(server: Any, project: Any) -> None:
    token = make_token(project, 40, "api")
    project.access_tokens.delete(token.id)
    with pytest.raises(gitlab.GitlabAuthenticationError, match="invalid_token"):
        server.client(token.token).projects.get(project.id)
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    with pytest.raises(gitlab.GitlabCreateError, match="must be in the future"):
        project.access_tokens.create({"name": "old", "scopes": ["api"], "expires_at": yesterday})


def test_rotating_replaces_a_token(server: Any, project: Any) -> None:
    token = make_token(project, 30, "api")
    first = token.token
    project.access_tokens.get(token.id).rotate()
    with pytest.raises(gitlab.GitlabAuthenticationError):
        server.client(first).projects.get(project.id)
    listed = project.access_tokens.list(state="active", get_all=True)
    assert [(each.name, each.access_level) for each in listed] == [("bot", 30)]


def test_a_token_cannot_exceed_its_maker(server: Any, root: Any, project: Any) -> None:
    user = root.users.create({"username": "mia", "name": "Mia", "email": "mia@example.com", "force_random_password": True})
    project.members.create({"user_id": user.id, "access_level": 40})
    personal = user.personal_access_tokens.create({"name": "cli", "scopes": ["api"]})
    mia = server.client(personal.token)
    with pytest.raises(gitlab.GitlabCreateError, match="Access level"):
        make_token(mia.projects.get(project.id), 50, "api")
    with pytest.raises(gitlab.GitlabCreateError) as top:
        mia.groups.create({"name": "top", "path": "top"})
    assert top.value.response_code == 403
    assert make_token(mia.projects.get(project.id), 40, "api").access_level == 40


def test_secrets_are_shown_once(project: Any) -> None:
    token = project.deploytokens.create({"name": "argocd", "scopes": ["read_repository"]})
    assert token.token.startswith("gldt-")
    assert token.username == f"gitlab+deploy-token-{token.id}"
    read = project.deploytokens.get(token.id)
    assert not hasattr(read, "token")
    assert (read.revoked, read.expired, read.scopes) == (False, False, ["read_repository"])
    project.deploytokens.delete(token.id)
    assert project.deploytokens.list(get_all=True) == []
