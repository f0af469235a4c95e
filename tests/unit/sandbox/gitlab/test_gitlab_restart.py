"""What outlives the process."""

import signal
from collections.abc import Callable
from typing import Any


def test_everything_is_there_after_a_kill(own_server: Any, git: Callable[..., Any]) -> None:
    root = own_server.client()
    group = root.groups.get("platform")
    project = root.projects.create({"name": "demo", "namespace_id": group.id, "initialize_with_readme": True})
    token = project.deploytokens.create({"name": "argocd", "scopes": ["read_repository"], "username": "argocd"})
    own_server.stop(signal.SIGKILL)
    own_server.start()
    read = own_server.client().projects.get("platform/demo")
    assert read.id == project.id
    assert read.files.raw("README.md", ref="main") == b"# demo\n"
    assert "refs/heads/main" in git("ls-remote", own_server.remote("platform/demo", "argocd", token.token)).stdout
    assert [each.full_path for each in own_server.client().groups.list(get_all=True)] == ["platform"]


def test_a_push_noted_but_not_acted_on_is_announced_at_the_next_start(own_server: Any, receiver: Any) -> None:
    root = own_server.client()
    project = root.projects.create({"name": "demo", "namespace_id": root.groups.get("platform").id, "initialize_with_readme": True})
    project.hooks.create({"url": receiver.url})
    tip = project.branches.get("main").commit["id"]
    own_server.stop(signal.SIGKILL)
    # As if the kill had come between git's moving the ref and the stand-in's looking at it.
    note = own_server.directory / "data" / "spool" / f"{project.id}-1-abc"
    note.write_text(f"{'0' * 40} {tip} refs/heads/main\n")
    own_server.start()
    _, body = receiver.next()
    assert (body["after"], body["before"]) == (tip, "0" * 40)
    assert not note.exists()


def test_the_lock_of_a_killed_git_does_not_stay(own_server: Any) -> None:
    root = own_server.client()
    project = root.projects.create({"name": "demo", "namespace_id": root.groups.get("platform").id, "initialize_with_readme": True})
    own_server.stop(signal.SIGKILL)
    heads = next(own_server.directory.glob("data/repositories/*/refs/heads"))
    (heads / "main.lock").touch()
    own_server.start()
    again = own_server.client().projects.get(project.id)
    again.files.create({"file_path": "x", "content": "x", "branch": "main", "commit_message": "x"})
    assert again.files.raw("x", ref="main") == b"x"


def test_a_repository_without_a_project_is_removed(own_server: Any) -> None:
    own_server.stop()
    left = own_server.directory / "data" / "repositories" / "half-made.git"
    left.mkdir()
    own_server.start()
    assert not left.exists()
