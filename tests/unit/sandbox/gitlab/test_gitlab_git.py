"""The real git client against the stand-in."""

import os
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gitlab
import httpx
import pytest

Git = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def clone(server: Any, project: Any, git: Git, tmp_path: Path) -> Path:
    done = git("clone", "-q", server.remote(project.path_with_namespace), "clone")
    assert done.returncode == 0, done.stderr
    return tmp_path / "clone"


def commit(git: Git, clone: Path, name: str, content: bytes = b"x\n") -> None:
    (clone / name).write_bytes(content)
    assert git("add", "-A", cwd=clone).returncode == 0
    assert git("commit", "-qm", f"add {name}", cwd=clone).returncode == 0


def test_what_is_pushed_is_seen_by_the_api_and_back(project: Any, git: Git, clone: Path) -> None:
    commit(git, clone, "app.bin", os.urandom(3_000_000))  # larger than git's http.postBuffer, so it comes in chunks
    assert git("push", "-q", "origin", "main", cwd=clone).returncode == 0
    assert project.commits.list(get_all=False)[0].title == "add app.bin"
    project.files.create({"file_path": "b.txt", "content": "b", "branch": "main", "commit_message": "b"})
    assert git("pull", "-q", cwd=clone).returncode == 0
    assert (clone / "b.txt").read_text() == "b"


def test_the_address_works_without_git_at_its_end(server: Any, project: Any, git: Git) -> None:
    done = git("ls-remote", server.remote(project.path_with_namespace).removesuffix(".git"))
    assert "refs/heads/main" in done.stdout


def test_a_developer_cannot_push_to_a_protected_branch(server: Any, project: Any, git: Git, clone: Path) -> None:
    token = project.access_tokens.create({"name": "bot", "scopes": ["write_repository"], "access_level": 30})
    git("remote", "set-url", "origin", server.remote(project.path_with_namespace, "bot", token.token), cwd=clone)
    commit(git, clone, "x")
    refused = git("push", "origin", "main", cwd=clone)
    assert refused.returncode != 0
    assert "GitLab: You are not allowed to push code to protected branches on this project." in refused.stderr
    assert "pre-receive hook declined" in refused.stderr
    assert git("push", "-q", "origin", "main:feature/x", cwd=clone).returncode == 0
    assert {branch.name for branch in project.branches.list(get_all=True)} == {"main", "feature/x"}


def test_nobody_rewrites_or_deletes_a_protected_branch(project: Any, git: Git, clone: Path) -> None:
    git("commit", "-q", "--amend", "-m", "rewritten", cwd=clone)
    forced = git("push", "--force", "origin", "main", cwd=clone)
    assert "You are not allowed to force push code to a protected branch on this project." in forced.stderr
    project.protectedbranches.create({"name": "keep"})
    assert git("push", "-q", "origin", "main:other", cwd=clone).returncode == 0
    project.branches.create({"branch": "keep", "ref": "other"})
    assert "You can only delete protected branches using the web interface." in git("push", "origin", ":keep", cwd=clone).stderr
    assert git("push", "-q", "origin", ":other", cwd=clone).returncode == 0


def test_the_first_push_makes_and_protects_the_default_branch(server: Any, root: Any, group: Any, git: Git, tmp_path: Path) -> None:
    project = root.projects.create({"name": "empty", "namespace_id": group.id})
    assert project.empty_repo
    git("init", "-q", "-b", "trunk", "new")
    commit(git, tmp_path / "new", "x")
    assert git("push", "-q", server.remote(project.path_with_namespace), "trunk", cwd=tmp_path / "new").returncode == 0
    assert root.projects.get(project.id).default_branch == "trunk"
    assert [rule.name for rule in project.protectedbranches.list(get_all=True)] == ["trunk"]


def test_a_deploy_token_reads_and_does_not_write(server: Any, root: Any, group: Any, project: Any, git: Git, tmp_path: Path) -> None:
    token = project.deploytokens.create({"name": "argocd", "scopes": ["read_repository"]})
    address = server.remote(project.path_with_namespace, token.username.replace("+", "%2B"), token.token)
    assert git("clone", "-q", address, "read").returncode == 0
    commit(git, tmp_path / "read", "x")
    assert "403" in git("push", address, "main:x", cwd=tmp_path / "read").stderr
    other = root.projects.create({"name": "other", "namespace_id": group.id, "initialize_with_readme": True})
    foreign = server.remote(other.path_with_namespace, token.username.replace("+", "%2B"), token.token)
    assert git("ls-remote", foreign).returncode != 0
    below_group = group.deploytokens.create({"name": "all", "scopes": ["read_repository"], "username": "reader"})
    assert git("ls-remote", server.remote(other.path_with_namespace, "reader", below_group.token)).returncode == 0


def test_strangers_are_asked_to_log_in_and_learn_nothing(server: Any, root: Any, project: Any, public_project: Any, git: Git) -> None:
    for path in (project.path_with_namespace, "platform/no-such"):
        answer = httpx.get(f"{server.url}/{path}.git/info/refs?service=git-upload-pack")
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Basic realm="GitLab"')
    authenticated = httpx.get(f"{server.url}/platform/no-such.git/info/refs?service=git-upload-pack", auth=("x", root.private_token))
    assert authenticated.status_code == 404
    address = f"{server.url}/{public_project.path_with_namespace}.git"
    assert "refs/heads/main" in git("ls-remote", address).stdout
    writing = httpx.get(f"{address}/info/refs?service=git-receive-pack")
    assert writing.status_code == 401


def test_commits_and_pushes_at_the_same_time_lose_nothing(server: Any, project: Any, git: Git, tmp_path: Path) -> None:
    def push(number: int) -> None:
        clone = tmp_path / f"clone{number}"
        assert git("clone", "-q", server.remote(project.path_with_namespace), str(clone)).returncode == 0
        commit(git, clone, f"git{number}")
        while git("push", "-q", "origin", "main", cwd=clone).returncode:
            assert git("pull", "-q", "--rebase", cwd=clone).returncode == 0

    def write(number: int) -> None:
        actions = [{"action": "create", "file_path": f"api{number}", "content": "x"}]
        mine = server.client().projects.get(project.id)
        while True:
            try:
                mine.commits.create({"branch": "main", "commit_message": "x", "actions": actions})
                return
            except gitlab.GitlabCreateError as error:
                if "Please refresh and try again" not in str(error):
                    raise

    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(work, number) for number in range(4) for work in (push, write)]
        for job in jobs:
            job.result(timeout=60)
    names = {item["name"] for item in project.repository_tree(get_all=True)}
    assert names == {"README.md", *(f"{kind}{number}" for kind in ("git", "api") for number in range(4))}
    assert len(project.commits.list(get_all=True)) == 9
