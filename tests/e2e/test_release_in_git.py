"""What releases write into the GitOps repository, and what they refuse."""

import base64
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitops.release import chart
from gitops.release.errors import RefusedError
from gitops.release.facts import Facts
from gitops.release.publish import publish
from gitops.release.repository import GitOps
from naming import App
from tests.e2e.gitops import FACTS, Repository, repository

APP = "acme/alice/shop"
FOLDER = f"apps/{APP}"
CHART = {
    "Chart.yaml",
    "values.yaml",
    "values.schema.json",
    "defaults.yaml",
    *(f"templates/{name}" for name in ("_helpers.tpl", "_pod.tpl", "deployment.yaml", "service.yaml", "ingress.yaml", "hpa.yaml")),
    *(f"templates/{name}" for name in ("pdb.yaml", "serviceaccount.yaml")),
}


@pytest.fixture
def repo(git_server: tuple[str, Path], helm: Path) -> Repository:
    return repository(*git_server, helm, {"alice": "acme", "c": "a-b", "b-c": "a", "bob": "acme"})


def test_a_new_application_gets_the_chart_and_its_values(repo: Repository) -> None:
    done = repo.publish(APP, "v1.0.0", "--framework", "flask", "--digest", f"sha256:{'a' * 64}")
    assert done["result"] == "published"
    assert done["commit"] == repo.head()
    assert repo.files(FOLDER) == CHART
    assert yaml.safe_load(repo.read(f"{FOLDER}/values.yaml")) == {
        "image": {"repository": "registry.example.com/acme/shop", "tag": "v1.0.0", "digest": f"sha256:{'a' * 64}"},
        "appName": "shop",
        "namespace": "user-alice",
        "host": "shop.example.com",
        "port": 8080,
        "framework": "flask",
    }
    assert yaml.safe_load(repo.read(f"{FOLDER}/Chart.yaml"))["name"] == "shop"


def test_only_image_and_runtime_fields_change_and_the_same_again_makes_no_commit(repo: Repository) -> None:
    repo.publish(APP, "v1.0.0")
    own = "# Ask Ann before you change this.\nreplicas: 7 # seven\n" + repo.read(f"{FOLDER}/values.yaml") + "env:\n  - &x nothing\n"
    own = own.replace("env:\n  - &x nothing\n", "env: {MODE: 'fast'}   # or slow\n")
    repo.write({f"{FOLDER}/values.yaml": own})
    done = repo.publish(APP, "v1.1.0")
    assert done["before"] == "v1.0.0"
    assert repo.read(f"{FOLDER}/values.yaml").split() == own.replace("v1.0.0", "v1.1.0").split()
    head = repo.head()
    assert repo.publish(APP, "v1.1.0") | {"before": ""} == {
        "result": "unchanged", "version": "v1.1.0", "commit": None, "before": "", "by": None, "risk": None, "source": None,
    }  # fmt: skip
    assert repo.head() == head


def test_an_earlier_build_never_replaces_a_later_one(repo: Repository) -> None:
    repo.publish(APP, "v1.0.0", "--built-at", "2026-01-01T10:00:00Z")
    repo.publish(APP, "v1.2.0", "--built-at", "2026-01-01T12:00:00Z")
    late = repo.publish(APP, "v1.1.0", "--built-at", "2026-01-01T11:00:00Z")
    assert late["result"] == "superseded"
    assert "v1.2.0" in late["by"]
    repo.must("rollback", APP, "--to", "v1.0.0", "--no-wait")
    assert repo.publish(APP, "v1.1.0", "--built-at", "2026-01-01T11:00:00Z")["result"] == "superseded", "a rollback does not let it in"


def test_rollback_commits_the_earlier_image_and_history_tells_all(repo: Repository) -> None:
    repo.publish(
        APP, "v1.0.0", "--digest", f"sha256:{'1' * 64}", "--build", "https://ci.example.com/1", "--author", "Ann <ann@example.com>"
    )
    repo.publish(APP, "v1.1.0")
    repo.publish(APP, "v1.2.0")
    assert repo.must("rollback", APP, "--steps", "2", "--no-wait")["version"] == "v1.0.0"
    image = yaml.safe_load(repo.read(f"{FOLDER}/values.yaml"))["image"]
    assert image == {"repository": "registry.example.com/acme/shop", "tag": "v1.0.0", "digest": f"sha256:{'1' * 64}"}
    versions = repo.must("history", APP)
    assert [each["version"] for each in versions] == ["v1.0.0", "v1.2.0", "v1.1.0", "v1.0.0"]
    assert versions[-1]["author"] == "Ann"
    assert versions[0]["build"] == "https://ci.example.com/1"
    assert repo.must("rollback", APP, "--to", "v1.0.0", "--no-wait")["result"] == "unchanged"
    assert "never released as 'v9.9.9'; its newest versions are v1.0.0, v1.2.0, v1.1.0" in repo.refused(
        "rollback", APP, "--to", "v9.9.9", "--no-wait"
    )
    assert "no version 9 steps back" in repo.refused("rollback", APP, "--steps", "9", "--no-wait")
    assert "never released" in repo.refused("history", "acme/alice/other")


@pytest.mark.parametrize(
    ("there", "second", "kind"),
    [
        ("a-b/c/x", "a/b-c/x", "Application 'a-b-c-x'"),
        (f"acme/alice/{'x' * 50}a", f"acme/alice/{'x' * 50}b", "Helm release"),
        (APP, "other/alice/shop", "Helm release 'alice-shop'"),
    ],
)
def test_a_name_that_another_application_has_is_refused_with_both(repo: Repository, there: str, second: str, kind: str) -> None:
    repo.publish(there, "v1")
    said = repo.refused("publish", second, *FACTS, "--tag", "v1")
    assert kind in said
    assert f"apps/{there}" in said
    assert f"apps/{second}" in said


def test_of_two_that_take_one_name_in_the_same_moment_the_later_takes_itself_back(
    repo: Repository, helm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another application's commit lands between this one's look at the names and its own commit."""
    monkeypatch.setenv("PATH", str(helm.parent), prepend=os.pathsep)
    commits = repo.project.commits
    create = commits.create

    def late(data: dict[str, Any], **options: Any) -> Any:
        monkeypatch.setattr(commits, "create", create)
        repo.write({"apps/a-b/c/x/config.yaml": "apiVersion: v1\n"})
        return create(data, **options)

    monkeypatch.setattr(commits, "create", late)
    facts = Facts(image="registry.example.com/acme/shop", tag="v1", host="shop.example.com", port=8080)
    with pytest.raises(RefusedError, match=r"apps/a-b/c/x and apps/a/b-c/x") as refused:
        publish(GitOps(repo.project), App.parse("a/b-c/x"), facts)
    assert "the folder was removed again" in refused.value.message
    assert repo.files("apps/a/b-c/x") == set()
    assert repo.files("apps/a-b/c/x") == {"config.yaml"}


@pytest.mark.parametrize(
    "app", ["Acme/alice/shop", "acme/../shop", "acme/alice/", f"acme/alice/{'x' * 300}", "acme/älice/shop", "acme/alice/../../bootstrap"]
)
def test_a_hostile_name_is_refused(repo: Repository, app: str) -> None:
    assert "name is not valid" in repo.refused("publish", app, *FACTS, "--tag", "v1")


def test_an_unknown_tenant_is_refused(repo: Repository) -> None:
    assert "'mallory' is no known user" in repo.refused("publish", "acme/mallory/shop", *FACTS, "--tag", "v1")


def test_a_new_application_needs_host_and_port(repo: Repository) -> None:
    assert "needs --host and --port" in repo.refused("publish", APP, "--image", "a/b", "--tag", "v1")


HOSTILE: dict[str, tuple[dict[str, str], str]] = {
    "no YAML": ({"values.yaml": "image: ["}, "is not valid YAML"),
    "another document": ({"values.yaml": "a: 1\n---\nkind: Secret\n"}, "is not valid YAML"),
    "a value of the wrong type": ({"values.yaml": "port: [80]\n"}, "got array, want integer"),
    "an unknown key": ({"values.yaml": "hosts: a.example.com\n"}, "additional properties 'hosts' not allowed"),
    "another namespace": ({"values.yaml": "namespace: user-bob\n"}, ""),
    "10 MB": ({"values.yaml": "a: " + "x" * 10_000_000}, "larger than 1 MiB"),
    "no values": ({"values.yaml": ""}, ""),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_values_in_git_are_refused_or_harmless(repo: Repository, case: str) -> None:
    files, expected = HOSTILE[case]
    repo.publish(APP, "v1.0.0")
    repo.write({f"{FOLDER}/{name}": text for name, text in files.items()})
    if expected == "":
        repo.publish(APP, "v1.1.0")
        assert yaml.safe_load(repo.read(f"{FOLDER}/values.yaml"))["namespace"] == "user-alice"
    elif case == "a value of the wrong type":
        assert expected in repo.refused("publish", APP, "--image", "a/b", "--tag", "v1.1.0")
    else:
        assert expected in repo.refused("publish", APP, *FACTS, "--tag", "v1.1.0")


def test_a_template_in_a_value_is_text(repo: Repository, helm: Path, tmp_path: Path) -> None:
    repo.publish(APP, "v1.0.0")
    repo.write({f"{FOLDER}/values.yaml": repo.read(f"{FOLDER}/values.yaml") + "env:\n  EVIL: '{{ .Release.Name }}'\n  SHELL: $(id)\n"})
    repo.publish(APP, "v1.1.0")
    chart = tmp_path / "chart"
    for name in repo.files(FOLDER):
        (chart / name).parent.mkdir(parents=True, exist_ok=True)
        (chart / name).write_text(repo.read(f"{FOLDER}/{name}"))
    rendered = subprocess.run(
        [str(helm), "template", "r", str(chart), "-n", "user-alice"], capture_output=True, text=True, check=True
    ).stdout
    [deployment] = [each for each in yaml.safe_load_all(rendered) if each["kind"] == "Deployment"]
    env = {each["name"]: each["value"] for each in deployment["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert env["EVIL"] == "{{ .Release.Name }}"
    assert env["SHELL"] == "$(id)"


def test_what_is_no_text_is_refused(repo: Repository) -> None:
    repo.publish(APP, "v1.0.0")
    content = base64.b64encode(b"a: \xff\xfe\n").decode()
    action = {"action": "update", "file_path": f"{FOLDER}/values.yaml", "content": content, "encoding": "base64"}
    repo.project.commits.create({"branch": "main", "commit_message": "By hand", "actions": [action]})
    assert "is no UTF-8 text" in repo.refused("publish", APP, *FACTS, "--tag", "v1.1.0")


def test_a_symbolic_link_is_refused(repo: Repository, tmp_path: Path) -> None:
    repo.publish(APP, "v1.0.0")
    clone = tmp_path / "clone"
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com"]
    token = repo.environment["SLIPWAY_GITLAB_TOKEN_FILE"]
    url = str(repo.project.http_url_to_repo).replace("://", f"://root:{Path(token).read_text().strip()}@")
    subprocess.run([*git, "clone", "--quiet", url, str(clone)], check=True)
    values = clone / FOLDER / "values.yaml"
    values.unlink()
    values.symlink_to("../../../../tenants/alice.yaml")
    subprocess.run([*git, "commit", "--quiet", "--all", "--message", "A link"], cwd=clone, check=True)
    subprocess.run([*git, "push", "--quiet"], cwd=clone, check=True)
    assert "is no plain file" in repo.refused("publish", APP, *FACTS, "--tag", "v1.1.0")


def test_what_is_no_chart_is_not_touched(repo: Repository) -> None:
    repo.write({f"{FOLDER}/kustomization.yaml": "resources: []\n"})
    assert "is no Helm chart" in repo.refused("publish", APP, *FACTS, "--tag", "v1.1.0")


def test_charts_are_upgraded_in_one_commit_and_values_stay(repo: Repository) -> None:
    for project in ("one", "two", "mended", "strict"):
        repo.publish(f"acme/alice/{project}", "v1.0.0")
    old: dict[str, str] = {}
    for project in ("one", "two", "strict"):
        # As if an older chart had been released: its files and the digest of them.
        folder = f"apps/acme/alice/{project}"
        old |= {f"{folder}/templates/old.yaml": "", f"{folder}/values.yaml": repo.read(f"{folder}/values.yaml") + "# mine\n"}
    old["apps/acme/alice/mended/templates/service.yaml"] = "# by hand\n"
    old["apps/acme/alice/strict/values.yaml"] += "unknown: 1\n"
    repo.write(old)
    _record(repo, ["one", "two", "strict"])
    head = repo.head()
    dry = repo.run("upgrade", "--all", "--dry-run", "--output", "json")
    assert repo.head() == head
    done = repo.run("upgrade", "--all", "--output", "json")
    assert done.returncode == dry.returncode == 3, done.stderr
    assert [each["result"] for each in json.loads(dry.stdout)] == ["changed by hand", "to upgrade", "refused", "to upgrade"]
    results = {each["app"].rpartition("/")[2]: each["result"] for each in yaml.safe_load(done.stdout)}
    assert results == {"mended": "changed by hand", "one": "upgraded", "strict": "refused", "two": "upgraded"}
    assert repo.project.commits.get(repo.head()).parent_ids == [head], "one commit"
    assert repo.files("apps/acme/alice/one") == CHART
    assert repo.read("apps/acme/alice/one/values.yaml").endswith("# mine\n")
    again = repo.must("upgrade", "acme/alice/one", "acme/alice/mended", "--force")
    assert [each["result"] for each in again] == ["current", "upgraded"]


def _record(repo: Repository, projects: list[str]) -> None:
    """Write into the charts' metadata that they are as they were released."""
    snapshot = GitOps(repo.project).snapshot()
    files: dict[str, str] = {}
    for project in projects:
        path = f"apps/acme/alice/{project}/Chart.yaml"
        content: dict[str, Any] = yaml.safe_load(repo.read(path))
        content["annotations"][chart.DIGEST_KEY] = chart.digest(chart.folder_blobs(snapshot.folder(f"apps/acme/alice/{project}")))
        files[path] = yaml.safe_dump(content)
    repo.write(files)


def test_an_error_is_data_where_data_was_asked_for(repo: Repository) -> None:
    done = repo.run("history", "acme/alice/none", "--output", "json")
    assert (done.returncode, done.stdout) == (3, "")
    assert json.loads(done.stderr)["code"] == 3
    assert "never released" in json.loads(done.stderr)["error"]


def test_a_missing_token_and_a_wrong_one_are_told(repo: Repository) -> None:
    environment = {name: value for name, value in repo.environment.items() if name != "SLIPWAY_GITLAB_TOKEN_FILE"}
    missing = Repository(repo.project, environment).run("history", APP)
    assert missing.returncode == 4
    assert "SLIPWAY_GITLAB_TOKEN_FILE" in missing.stderr
    wrong = Repository(repo.project, environment | {"SLIPWAY_GITLAB_TOKEN": "glpat-wrong-secret"}).run("history", APP)
    assert wrong.returncode == 4
    assert "refuses the token (HTTP 401)" in wrong.stderr
    assert "wrong-secret" not in wrong.stderr
