"""Git from the stand-in for GitLab: for the controller, and in an agent's container."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from sandbox.services.jenkins.model import FAILURE, SUCCESS, Credential, Definition, Item, Library, Scm, StepError
from sandbox.services.jenkins.running import git, run
from sandbox.services.jenkins.running.steps import checkout
from tests.unit.sandbox.providers.gitlab_server import ROOT_TOKEN, serving
from tests.unit.sandbox.services.jenkins.running.build import JOB, Bench, Here, Script, bench

TOKEN = Credential(id="source", kind="usernamePassword", username="oauth2", secret=ROOT_TOKEN)
LOGIN = git.Login(TOKEN.username, TOKEN.secret)
FILES = {"build.Jenkinsfile": "@Library('slipway') _\n// one\n", "vars/fetchSource.groovy": "def call() {}\n"}


@dataclass(frozen=True)
class Project:
    """A repository with two commits on main, the first of which has the tag v1."""

    url: str
    first: str
    second: str


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A private project."""
    with (
        serving(tmp_path_factory.mktemp("gitlab")) as url,
        httpx.Client(base_url=f"{url}/api/v4", headers={"PRIVATE-TOKEN": ROOT_TOKEN}) as api,
    ):

        def post(path: str, body: dict[str, Any]) -> Any:
            answer = api.post(path, json=body)
            assert answer.status_code == 201, answer.text
            return answer.json()

        group = api.get("/groups/platform").json()["id"]
        made = post("/projects", {"name": "shop", "namespace_id": group})
        base, files = (
            f"/projects/{made['id']}/repository",
            [{"action": "create", "file_path": name, "content": FILES[name]} for name in FILES],
        )
        first = post(f"{base}/commits", {"branch": "main", "commit_message": "first", "actions": files})["id"]
        post(f"{base}/tags", {"tag_name": "v1", "ref": "main", "message": "a tag of its own"})
        change = [{"action": "create", "file_path": "more", "content": "more"}]
        second = post(f"{base}/commits", {"branch": "main", "commit_message": "second: 'more'", "actions": change})["id"]
        yield Project(f"{url}/platform/shop.git", first, second)


def never() -> None:
    """Nobody stops it."""


def get(project: Project, revision: str, folder: Path, login: git.Login | None = LOGIN) -> git.Found:
    """Fetch a revision with its files."""
    return git.fetch(project.url, revision, login, folder, never, whole=True)


@pytest.mark.parametrize(("revision", "branch"), [
    ("main", "origin/main"), ("*/main", "origin/main"), ("refs/heads/main", "origin/main"), ("origin/main", "origin/main"),
    ("refs/tags/v1", "refs/tags/v1"), ("v1", "refs/tags/v1"),
])  # fmt: skip
def test_revisions(project: Project, tmp_path: Path, revision: str, branch: str) -> None:
    found = get(project, revision, tmp_path / "x")
    assert (found.commit, found.branch) == (project.first if "v1" in revision else project.second, branch)
    assert (tmp_path / "x/vars/fetchSource.groovy").read_text() == FILES["vars/fetchSource.groovy"]


def test_a_commit(project: Project, tmp_path: Path) -> None:
    assert get(project, project.first, tmp_path / "x").commit == project.first
    assert not (tmp_path / "x/more").exists()


def test_the_login_is_in_no_file(project: Project, tmp_path: Path) -> None:
    get(project, "main", tmp_path / "x")
    assert not [path for path in (tmp_path / "x").rglob("*") if path.is_file() and ROOT_TOKEN.encode() in path.read_bytes()]


def test_the_login_is_on_no_command_line(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trace = tmp_path / "trace"
    wrapper = tmp_path / "bin/git"
    wrapper.parent.mkdir()
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    wrapper.write_text(f'#!/bin/sh\necho "$@" >>{trace}\nGIT_TRACE={trace} exec {real} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{wrapper.parent}:/usr/bin:/bin")
    get(project, "main", tmp_path / "x")
    assert "fetch" in trace.read_text()
    assert ROOT_TOKEN not in trace.read_text()


@pytest.mark.parametrize("login", [None, git.Login("oauth2", "wrong")])
def test_a_wrong_login_fails_at_once(project: Project, tmp_path: Path, login: git.Login | None) -> None:
    with pytest.raises(StepError, match=r"^git ls-remote failed: fatal: ") as failed:
        get(project, "main", tmp_path / "x", login)
    assert "wrong" not in str(failed.value)


@pytest.mark.parametrize("revision", ["nope", "refs/tags/nope"])
def test_a_revision_that_is_not_there(project: Project, tmp_path: Path, revision: str) -> None:
    with pytest.raises(StepError, match=f"Couldn't find any revision to build: '{revision}'"):
        get(project, revision, tmp_path / "x")


@pytest.mark.parametrize("revision", ["--upload-pack=x", "a b", "**", "", "a..b"])
def test_a_revision_that_is_none(revision: str) -> None:
    with pytest.raises(StepError, match="branch specifier"):
        git.candidates(revision)


@pytest.mark.parametrize("url", ["ssh://h/x", "file:///etc", "ext::sh -c x", "--upload-pack=x", "http://h/a b", "http://u:p4ss@h/x"])
def test_a_url_that_is_not_allowed(url: str) -> None:
    with pytest.raises(StepError) as failed:
        git.environment(url, LOGIN)
    assert "p4ss" not in str(failed.value)
    assert ROOT_TOKEN not in str(failed.value)


def job(project: Project, path: str = "build.Jenkinsfile", revision: str = "refs/tags/v1", credential: str = "source") -> Item:
    """A job whose Jenkinsfile is in the project."""
    return Item(path=JOB, kind="job", definition=Definition(scm=Scm(url=project.url, revision=revision, credential=credential), path=path))


@pytest.fixture
def made(tmp_path: Path, project: Project) -> Bench:
    """A build of a job that comes from the project, which is a library too."""
    library = Library(name="slipway", scm=Scm(url=project.url, revision="refs/tags/v1", credential="source"))
    made = bench(tmp_path, credentials={"source": TOKEN}, known=[library])
    made.record.item = job(project)
    return made


def test_script_and_libraries_come_from_git(made: Bench, project: Project) -> None:
    engine = Script(lambda steps: None)
    assert run(made.record, made.controller, engine, made.pods) == SUCCESS
    assert engine.given["script"] == FILES["build.Jenkinsfile"]
    assert engine.given["files"] == {"slipway": ["fetchSource.groovy"]}
    assert engine.given["implicit"] == []
    assert engine.given["build"] == f"{JOB}#7"
    assert f"Obtained build.Jenkinsfile from git {project.url}\nLoading library slipway@refs/tags/v1\n" in made.record.log


@pytest.mark.parametrize(("changes", "message"), [
    ({"path": "nope"}, "Unable to find nope from git"),
    ({"revision": "nope"}, "Couldn't find any revision to build"),
    ({"credential": "gitops"}, "CredentialNotFoundException: Could not find credentials entry with ID 'gitops'"),
])  # fmt: skip
def test_a_script_that_cannot_be_had(made: Bench, project: Project, changes: dict[str, str], message: str) -> None:
    made.record.item = job(project, **changes)
    assert made.run(lambda steps: None) == FAILURE
    assert f"ERROR: {message}" in made.record.log


def test_a_library_that_is_not_configured(made: Bench) -> None:
    made.controller.known = []
    assert made.run(lambda steps: None) == FAILURE
    assert "ERROR: Could not find any definition of libraries [slipway]; configured: none" in made.record.log


def scm(project: Project, kind: str = "scmGit", branch: str = "refs/heads/main", **more: Any) -> dict[str, Any]:
    """The argument of `checkout`."""
    remote = {"url": project.url, "credentialsId": "source"}
    return {"kind": kind, "branches": [{"name": branch}], "userRemoteConfigs": [remote], "extensions": [], **more}


def test_checkout_in_the_container_of_the_agent(made: Bench, project: Project) -> None:
    def work(here: Here) -> None:
        inner = here.within(dir=here.context["dir"] + "/source", container="other")
        assert inner("checkout", scm=scm(project)) == {"GIT_COMMIT": project.second, "GIT_BRANCH": "origin/main", "GIT_URL": project.url}
        assert here("readFile", file="source/more") == "more"
        assert here("checkout", scm=scm(project, "GitSCM", "refs/tags/v1", extensions=[
            {"kind": "RelativeTargetDirectory", "relativeTargetDir": "tag"}, {"kind": "CloneOption", "shallow": True, "depth": 1},
        ]))["GIT_COMMIT"] == project.first  # fmt: skip
        assert not here("fileExists", file="tag/more")
        assert inner("checkout", scm=scm(project, branch=project.first))["GIT_COMMIT"] == project.first
        assert here.within(dir=here.context["dir"] + "/own")("checkout", scm={"kind": "scm"})["GIT_COMMIT"] == project.first
        at = here.within(dir=here.context["dir"] + "/step")
        assert at("git", url=project.url, branch="main", credentialsId="source")["GIT_BRANCH"] == "origin/main"
        assert at("sh", script="git branch --show-current", returnStdout=True) == "main\n"
        assert not [path for path in made.cluster.home.rglob("*") if path.is_file() and ROOT_TOKEN.encode() in path.read_bytes()]

    assert made.on_node(work) == SUCCESS, made.record.log
    assert f"Checking out Revision {project.second} (origin/main)\nCommit message: \"second: 'more'\"\n" in made.record.log
    assert not [each for each in made.cluster.commands if ROOT_TOKEN in str(each)]
    assert ROOT_TOKEN not in made.record.log


def test_checkout_says_what_git_says(made: Bench, project: Project) -> None:
    made.controller.credentials["source"] = Credential(id="source", kind="usernamePassword", username="x", secret="wr0ng-t0ken")
    made.record.item = Item(path=JOB, kind="job", definition=Definition(text="script"))
    made.controller.known = []
    assert made.on_node(lambda here: here("checkout", scm=scm(project))) == FAILURE
    assert "ERROR: git failed: fatal: " in made.record.log
    assert quote("wr0ng-t0ken") not in made.record.log


@pytest.mark.parametrize(("given", "message"), [
    ({"kind": "SubversionSCM"}, "checkout of SubversionSCM"), ({"userRemoteConfigs": []}, "one entry in userRemoteConfigs"),
    ({"extensions": [{"kind": "GitLFSPull"}]}, "extension GitLFSPull"), ({"extensions": [{"kind": "SubmoduleOption"}]}, "SubmoduleOption"),
])  # fmt: skip
def test_what_checkout_does_not_know(project: Project, given: dict[str, Any], message: str) -> None:
    with pytest.raises(StepError, match=message):
        checkout.read({**scm(project), **given})
