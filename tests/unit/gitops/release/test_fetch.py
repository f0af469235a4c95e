"""Fetching tenants' repositories from a real Git server: what is in them is data, whatever it is."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gitlab
import pytest

from gitops.release import fetch as fetching
from gitops.release.errors import RefusedError, UnreachableError
from gitops.release.fetch import Remote, Source, fetch
from tests.bench.delivery import login
from tests.unit.sandbox.providers.gitlab_server import ROOT_TOKEN, serving

COMMIT = {"GIT_AUTHOR_NAME": "m", "GIT_AUTHOR_EMAIL": "m@example.com", "GIT_COMMITTER_NAME": "m", "GIT_COMMITTER_EMAIL": "m@example.com"}
LFS = (
    "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
)


class Repository:
    """A project of the server, and a work tree that pushes to it."""

    def __init__(self, url: str, folder: Path, name: str) -> None:
        client = gitlab.Gitlab(url, private_token=ROOT_TOKEN)
        group = client.groups.get("platform")
        project: Any = client.projects.create({"name": name, "namespace_id": group.id, "initialize_with_readme": True})
        self.url = str(project.http_url_to_repo)
        self.work = folder / "work"
        self._environment = os.environ | login(ROOT_TOKEN) | COMMIT
        self.git("clone", "--quiet", self.url, str(self.work), cwd=folder)

    def git(self, *arguments: str, cwd: Path | None = None) -> str:
        done = subprocess.run(["git", *arguments], cwd=cwd or self.work, env=self._environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def push(self, *refs: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "A change")
        self.git("push", "--quiet", "origin", *(refs or ("HEAD:main",)))
        return self.git("rev-parse", "HEAD")

    def fetched(self, folder: Path, branch: str = "main", **changed: str) -> Source:
        known = {"url": self.url, "username": "root", "password": ROOT_TOKEN} | changed
        return fetch(Remote(**known), branch, folder)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("gitlab")) as url:
        yield url


@pytest.fixture
def repository(server: str, tmp_path: Path, request: pytest.FixtureRequest) -> Repository:
    return Repository(server, tmp_path, request.node.name.replace("[", "-").replace("]", "")[:60])


def test_the_head_is_checked_out_with_the_tags_that_point_at_it(repository: Repository, tmp_path: Path) -> None:
    (repository.work / "app.py").write_text("1")
    repository.git("tag", "v0.9.0")
    repository.push()
    commit = repository.push()
    repository.git("tag", "v1.0.0")
    repository.git("tag", "--annotate", "v1.0.1", "--message", "annotated")
    repository.git("tag", "odd-{{x}}-%0a")
    repository.git("push", "--quiet", "--tags", "origin")
    found = repository.fetched(tmp_path / "source")
    assert found.commit == commit
    assert sorted(found.tags) == ["odd-{{x}}-%0a", "v1.0.0", "v1.0.1"]
    assert (tmp_path / "source" / "app.py").read_text() == "1"
    assert repository.fetched(tmp_path / "source") == found, "what a killed run left does not matter"


def test_submodules_and_lfs_files_are_left_out(repository: Repository, tmp_path: Path) -> None:
    """The submodule leads to a file of this machine, and the filter would run a program."""
    (repository.work / ".gitmodules").write_text('[submodule "x"]\n\tpath = x\n\turl = file:///etc\n')
    commit = repository.git("rev-parse", "HEAD")
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{commit},x")
    (repository.work / "large.bin").write_text(LFS)
    (repository.work / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
    repository.git("-c", "filter.lfs.clean=cat", "commit", "--quiet", "--message", "submodule")
    (repository.work / "x").mkdir()
    repository.push()
    found = repository.fetched(tmp_path / "source")
    assert found.notes == ("1 submodules are not fetched: their folders are empty",)
    assert list((tmp_path / "source" / "x").iterdir()) == []
    assert (tmp_path / "source" / "large.bin").read_text() == LFS


def test_a_file_of_a_gigabyte_is_refused_before_it_is_written(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "BYTES", 2**20)
    with (repository.work / "dump.sql").open("wb") as file:
        file.truncate(3 * 2**20)
    repository.push()
    with pytest.raises(RefusedError, match=r"3 MiB, the largest of which is 'dump.sql'; expected at most .* 1 MiB"):
        repository.fetched(tmp_path / "source")
    assert [entry.name for entry in (tmp_path / "source").iterdir()] == [".git"]


@pytest.mark.parametrize("name", ["$(touch owned)", "{{ x }}", "a%0ab", "-rf", "new\nline", "ü \u202e", "`id`"])
def test_odd_file_names_are_names(repository: Repository, tmp_path: Path, name: str) -> None:
    (repository.work / name).write_text("x")
    repository.push()
    repository.fetched(tmp_path / "source")
    assert (tmp_path / "source" / name).read_text() == "x"
    assert not list(tmp_path.rglob("owned"))


def test_links_are_checked_out_as_links(repository: Repository, tmp_path: Path) -> None:
    (repository.work / "Dockerfile").symlink_to("/etc/passwd")
    (repository.work / "up").symlink_to("../..")
    repository.push()
    repository.fetched(tmp_path / "source")
    assert (tmp_path / "source" / "Dockerfile").is_symlink(), "and whoever reads it refuses it"


def test_a_branch_of_200_characters_is_a_branch(repository: Repository, tmp_path: Path) -> None:
    name = "b" * 200
    commit = repository.push(f"HEAD:refs/heads/{name}")
    assert repository.fetched(tmp_path / "source", name).commit == commit


def test_a_branch_that_is_not_there_is_named(repository: Repository, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"no such branch.*nowhere"):
        repository.fetched(tmp_path / "source", "nowhere")


def test_a_refused_account_is_told_without_its_password(repository: Repository, tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="refuses the account that reads") as caught:
        repository.fetched(tmp_path / "source", password="wrong-password-of-source")
    assert "wrong-password-of-source" not in caught.value.message


def test_a_server_that_is_away_is_told(repository: Repository, tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="could not be fetched"):
        repository.fetched(tmp_path / "source", url="http://127.0.0.1:9/x.git")


def test_git_sees_no_settings_of_the_machine(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    (home / "hooks").mkdir(parents=True)
    (home / "hooks" / "post-checkout").write_text("#!/bin/sh\ntouch owned\n")
    (home / "hooks" / "post-checkout").chmod(0o755)
    (home / ".gitconfig").write_text(f"[core]\n\thooksPath = {home}/hooks\n")
    monkeypatch.setenv("HOME", str(home))
    repository.fetched(tmp_path / "source")
    assert not list(tmp_path.rglob("owned"))
