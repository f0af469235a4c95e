"""Protected branches with entries of their own, protected tags, and deploy keys, for the API and for Git alike."""

import base64
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import gitlab
import pytest

Git = Callable[..., subprocess.CompletedProcess[str]]


def user(root: Any, project: Any, level: int) -> tuple[Any, str]:
    """Return a new member of the project with a token."""
    name = f"u-{uuid4().hex[:8]}"
    made = root.users.create({"username": name, "name": name, "email": f"{name}@example.com", "force_random_password": True})
    project.members.create({"user_id": made.id, "access_level": level})
    token = made.personal_access_tokens.create({"name": "t", "scopes": ["api", "write_repository"]})
    return made, token.token


def key() -> str:
    content = b"\0\0\0\x0bssh-ed25519" + uuid4().bytes * 2
    return f"ssh-ed25519 {base64.b64encode(content).decode()} rin@example.com"


def write(client: Any, project: Any, branch: str = "main") -> None:
    change = {"file_path": uuid4().hex, "content": "x", "branch": branch, "commit_message": "x"}
    client.projects.get(project.id).files.create(change)


def test_a_branch_is_opened_to_one_user(server: Any, root: Any, project: Any, git: Git, tmp_path: Path) -> None:
    (mia, token), (_, other) = user(root, project, 30), user(root, project, 30)
    project.protectedbranches.delete("main")
    made = project.protectedbranches.create({"name": "ma*", "allowed_to_push": [{"user_id": mia.id}, {"access_level": 40}]})
    assert [(each["user_id"], each["access_level"]) for each in made.push_access_levels] == [(mia.id, 40), (None, 40)]
    assert made.push_access_levels[0]["access_level_description"] == mia.name
    write(server.client(token), project)
    with pytest.raises(gitlab.GitlabCreateError, match="You are not allowed to push into this branch"):
        write(server.client(other), project)
    git("clone", "-q", server.remote(project.path_with_namespace), "clone")
    clone = tmp_path / "clone"
    git("commit", "-q", "--allow-empty", "-m", "x", cwd=clone)
    assert git("push", server.remote(project.path_with_namespace, secret=other), "main", cwd=clone).returncode != 0
    assert git("push", server.remote(project.path_with_namespace, secret=token), "main", cwd=clone).returncode == 0


def test_entries_are_added_changed_and_removed(root: Any, project: Any) -> None:
    (mia, _), at = user(root, project, 30), project.protectedbranches
    changed = at.update("main", {"allowed_to_push": [{"user_id": mia.id}], "allow_force_push": True})
    assert [each["user_id"] for each in changed["push_access_levels"]] == [None, mia.id]
    first, second = (each["id"] for each in changed["push_access_levels"])
    changed = at.update("main", {"allowed_to_push": [{"id": first, "_destroy": True}, {"id": second, "access_level": 30}]})
    assert [(each["user_id"], each["access_level"]) for each in changed["push_access_levels"]] == [(None, 30)]
    assert [each["access_level"] for each in changed["merge_access_levels"]] == [40]
    for wrong in (
        {"user_id": 10**9},
        {"access_level": 7},
        {"user_id": mia.id, "access_level": 40},
        {},
        {"user_id": "x"},
        {"user_id": True},
    ):
        with pytest.raises(gitlab.GitlabUpdateError) as refused:
            at.update("main", {"allowed_to_push": [wrong]})
        assert refused.value.response_code in (400, 422)
    assert [each["access_level"] for each in at.get("main").push_access_levels] == [30]


def test_only_who_is_named_unprotects(server: Any, root: Any, project: Any) -> None:
    _, token = user(root, project, 40)
    project.protectedbranches.create({"name": "live", "unprotect_access_level": 60})
    theirs = server.client(token).projects.get(project.id)
    with pytest.raises(gitlab.GitlabDeleteError) as refused:
        theirs.protectedbranches.delete("live")
    assert refused.value.response_code == 403
    project.protectedbranches.delete("live")


def test_protected_tags_are_made_by_maintainers_only(server: Any, root: Any, project: Any, git: Git, tmp_path: Path) -> None:
    _, developer = user(root, project, 30)
    theirs = server.client(developer).projects.get(project.id)
    made = project.protectedtags.create({"name": "v*", "create_access_level": 40})
    assert [level["access_level"] for level in made.create_access_levels] == [40]
    assert project.protectedtags.get("v*").name == "v*"
    with pytest.raises(gitlab.GitlabCreateError, match="You are not allowed to create this tag as it is protected"):
        theirs.tags.create({"tag_name": "v1", "ref": "main"})
    theirs.tags.create({"tag_name": "other", "ref": "main"})
    git("clone", "-q", server.remote(project.path_with_namespace), "clone")
    clone, remote = tmp_path / "clone", server.remote(project.path_with_namespace, secret=developer)
    assert "not allowed to create this tag as it is protected" in git("push", remote, "HEAD:refs/tags/v2", cwd=clone).stderr
    own = server.remote(project.path_with_namespace)
    assert git("push", "-q", own, "HEAD:refs/tags/v2", cwd=clone).returncode == 0
    git("commit", "-q", "--allow-empty", "-m", "x", cwd=clone)
    assert "Protected tags cannot be updated" in git("push", "--force", own, "HEAD:refs/tags/v2", cwd=clone).stderr
    assert "only delete protected tags using the web interface" in git("push", own, ":refs/tags/v2", cwd=clone).stderr
    assert {tag.name: tag.protected for tag in project.tags.list(get_all=True)} == {"v2": True, "other": False}
    with pytest.raises(gitlab.GitlabDeleteError) as refused:
        theirs.tags.delete("v2")
    assert refused.value.response_code == 403
    project.tags.delete("v2")
    project.protectedtags.delete("v*")
    theirs.tags.create({"tag_name": "v1", "ref": "main"})


def test_deploy_keys_are_kept_shared_and_named_in_protections(root: Any, group: Any, project: Any) -> None:
    text = key()
    made = project.keys.create({"title": "ci", "key": text, "can_push": True})
    assert (made.can_push, made.key, made.fingerprint_sha256[:7]) == (True, text, "SHA256:")
    with pytest.raises(gitlab.GitlabCreateError, match="has already been taken"):
        project.keys.create({"title": "again", "key": text})
    with pytest.raises(gitlab.GitlabCreateError, match="is invalid"):
        project.keys.create({"title": "bad", "key": "ssh-ed25519 nonsense"})
    changed = project.protectedbranches.update("main", {"allowed_to_push": [{"deploy_key_id": made.id}]})
    assert [each["deploy_key_id"] for each in changed["push_access_levels"]] == [None, made.id]
    other = root.projects.create({"name": "other", "namespace_id": group.id})
    other.keys.enable(made.id)
    assert [each.can_push for each in other.keys.list(get_all=True)] == [False]
    made.title = "cd"
    made.save()
    assert other.keys.get(made.id).title == "cd"
    made.delete()
    assert project.keys.list(get_all=True) == []
    assert made.id in [each.id for each in root.deploykeys.list(get_all=True)]
    other.keys.delete(made.id)
    assert made.id not in [each.id for each in root.deploykeys.list(get_all=True)]
