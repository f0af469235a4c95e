"""Repositories that mean harm, through the platform's pipeline: refused, or harmless (more of Git: unit/gitops/release/test_fetch.py)."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from naming import App
from sandbox.outside import gitlab_token
from tests.bench.delivery import login
from tests.e2e.known import secrets_of
from tests.e2e.loop import Loop
from tests.e2e.support import Platform
from tests.haystack import Needles

PEOPLE = {"GIT_AUTHOR_NAME": "m", "GIT_AUTHOR_EMAIL": "m@example.com", "GIT_COMMITTER_NAME": "m", "GIT_COMMITTER_EMAIL": "m@example.com"}
GREEDY = """FROM python:3.11-slim
RUN env | sort; cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n'; ls -laR /run/secrets /var/run/secrets 2>/dev/null; true
RUN for name in '*token*' auth.json .git-credentials config.json; do \\
    find / -xdev -not -path "/usr/*" -name "$name" -size -64k -exec cat {{}} + 2>/dev/null | head -c 100000; done; true
RUN for address in {addresses}; do \\
    python3 -c "import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=5).read())" $address 2>&1 | tail -1; done; true
COPY index.html /srv/
USER 1000
WORKDIR /srv
CMD ["python3", "-m", "http.server", "8080"]
"""


@pytest.fixture(scope="module")
def lab(platform: Platform) -> Iterator[Loop]:
    loop = Loop(platform, App.parse("umbrella/carol/lab"))
    yield loop
    loop.remove()


class Clone:
    """A work tree of a repository, for what GitLab's API cannot commit."""

    def __init__(self, loop: Loop, folder: Path) -> None:
        self.folder = folder / "clone"
        self._environment = os.environ | login(gitlab_token(loop.platform.sandbox)) | PEOPLE
        self.git("clone", "--quiet", str(loop.project.http_url_to_repo), str(self.folder), cwd=folder)

    def git(self, *arguments: str, cwd: Path | None = None) -> None:
        done = subprocess.run(
            ["git", *arguments], cwd=cwd or self.folder, env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def push(self, *refs: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Hostile")
        self.git("push", "--quiet", "origin", *(refs or ("HEAD:main",)))


def test_a_dockerfile_that_looks_for_credentials_finds_none(platform: Platform, lab: Loop) -> None:
    addresses = (
        f"http://jenkins.{platform.name}.test/",
        f"{platform.world.gitlab_url}/api/v4/projects",
        "https://kubernetes.default.svc/api/v1/secrets",
    )
    files = {"index.html": "greedy\n", "Dockerfile": GREEDY.format(addresses=" ".join(addresses))}
    lab.deployed(lab.push(files))
    number = lab.jenkins.builds(lab.job("build"))[0]["number"]
    log = lab.jenkins.log(lab.job("build"), number)
    assert "RUN env" in log, "it ran"
    assert Needles(secrets_of(platform)).found(log) == []


@pytest.mark.parametrize("name", ["Dockerfile", ".dockerignore"])
def test_a_link_out_of_the_checkout_is_refused(lab: Loop, tmp_path: Path, name: str) -> None:
    lab.push({"index.html": "linked\n", "Dockerfile": "FROM scratch\n"})
    clone = Clone(lab, tmp_path)
    (clone.folder / name).unlink(missing_ok=True)
    (clone.folder / name).symlink_to("/proc/self/environ")
    clone.push()
    commit = lab.project.commits.get("main")
    status = lab.failed(commit, "slipway/build")
    assert name in status.description
    assert lab.image(f"sha-{commit.id}") is None


def test_a_file_of_a_gigabyte_is_refused(lab: Loop, tmp_path: Path) -> None:
    clone = Clone(lab, tmp_path)
    for link in (clone.folder / "Dockerfile", clone.folder / ".dockerignore"):
        link.unlink(missing_ok=True)
    with (clone.folder / "dump.sql").open("wb") as file:
        file.truncate(2**30)
    clone.git("-c", "core.bigFileThreshold=1m", "-c", "core.compression=1", "add", "--all")
    clone.push()
    commit = lab.project.commits.get("main")
    status = lab.failed(commit, "slipway/build")
    assert "1024 MiB" in status.description
    assert lab.image(f"sha-{commit.id}") is None


def test_odd_texts_and_names_do_no_harm(lab: Loop, tmp_path: Path) -> None:
    """CRLF and a byte order mark, names that shells and templates would read, a submodule, an LFS pointer, a Jenkinsfile of its own."""
    dockerfile = 'FROM python:3.11-slim\r\nWORKDIR /srv\r\nCOPY . .\r\nUSER 1000\r\nCMD ["python3", "-m", "http.server", "8080"]\r\n'
    lab.push({"index.html": "odd\n", "Jenkinsfile": "node { sh 'echo $(id) > owned; touch owned' }\n"})
    clone = Clone(lab, tmp_path)
    (clone.folder / "Dockerfile").write_bytes(b"\xef\xbb\xbf" + dockerfile.encode())
    for name in ("$(touch owned)", "{{ .Values }}", "a%0ab", "-rf", "`id`"):
        (clone.folder / name).write_text("x")
    (clone.folder / "large.bin").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
    (clone.folder / ".gitmodules").write_text('[submodule "x"]\n\tpath = x\n\turl = file:///etc\n')
    head = lab.project.commits.get("main").id
    clone.git("update-index", "--add", "--cacheinfo", f"160000,{head},x")
    (clone.folder / "x").mkdir()
    clone.git("add", "--all")
    clone.git("commit", "--quiet", "--message", "Odd")
    for tag in ("v9.9.9$(id)", "{{x}}", "v1%0a", "v3.2.1"):
        clone.git("tag", tag)
    clone.git("push", "--quiet", "--tags", "origin", "HEAD:main")
    commit = lab.project.commits.get("main")
    statuses = lab.deployed(commit)
    assert "odd" in lab.platform.get("lab").text
    assert statuses["slipway/deploy"].description.startswith("v3.2.1 answers")
    log = lab.last_log()
    assert "1 submodules are not fetched" in log
    assert "3 Git tags at it are no version" in log
    assert "uid=" not in log, "nothing of it was run"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BRANCH", "$(touch owned)"),
        ("BRANCH", "a%0ab"),
        ("BRANCH", "b" * 201),
        ("PROJECT_NAME", "{{ x }}"),
        ("PROJECT_NAME", "lab%0a"),
        ("REPOSITORY_URL", "http://gitlab.test/$(id).git"),
    ],
)
def test_parameters_that_are_no_names_are_refused(lab: Loop, name: str, value: str) -> None:
    lab.idle()
    number = len(lab.jenkins.builds(lab.job("build"))) + 1
    lab.jenkins.start(lab.job("build"), **{name: value})
    assert lab.jenkins.finished(lab.job("build"), number)["result"] == "FAILURE"
    log = lab.jenkins.log(lab.job("build"), number)
    assert f"{name} is" in log or "project name" in log
    assert "nothing was written" in log


def test_a_branch_of_200_characters_starts_nothing_by_itself_and_can_be_built(lab: Loop, tmp_path: Path) -> None:
    lab.push({"index.html": "long\n"})
    lab.idle()
    before = len(lab.jenkins.builds(lab.job("build")))
    name = "b" * 200
    clone = Clone(lab, tmp_path)
    clone.push(f"HEAD:refs/heads/{name}")
    lab.jenkins.start(lab.job("build"), BRANCH=name)
    lab.idle()
    newest = lab.jenkins.builds(lab.job("build"))[0]
    assert newest["number"] == before + 1, "the push itself has started none"
    assert newest["result"] == "SUCCESS", lab.last_log()
    assert f"{name} of http" in lab.jenkins.log(lab.job("build"), newest["number"])
