"""Git decides what runs: commits roll out in seconds, and changes made by hand are undone."""

import json
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from gitlab.v4.objects import Project

from sandbox.tenants import PROJECT, USER, WORKSPACE
from tests.e2e.support import Platform, eventually, files_below, text_of

NAMESPACE = f"user-{USER}"
# Argo CD polls every 180 s: what happens within this time came by webhook.
SECONDS = 45.0


def write(project: Project, name: str, version: str, host: str) -> str:
    """Commit the sample's folder as the application `name`, with this version and host, as a person would. Returns the commit."""
    source, target = f"apps/{WORKSPACE}/{USER}/{PROJECT}", f"apps/{WORKSPACE}/{USER}/{name}"
    files = {path.removeprefix(source): text_of(project, path) for path in files_below(project, source)}
    values = yaml.safe_load(files["/values.yaml"]) | {"host": host, "env": {"APP_VERSION": version}}
    there = set(files_below(project, target))
    changes = {f"{target}{path}": text for path, text in (files | {"/values.yaml": yaml.safe_dump(values)}).items()}
    actions = [
        {"action": "update" if path in there else "create", "file_path": path, "content": text}
        for path, text in changes.items()
        if path not in there or path.endswith("values.yaml")
    ]
    return str(project.commits.create({"branch": "main", "commit_message": f"Test: {name} {version}", "actions": actions}).id)


def settled(platform: Platform, name: str = PROJECT) -> dict[str, Any]:
    """The application once it is Synced and Healthy."""

    def state() -> dict[str, Any]:
        found = platform.object("application", f"{WORKSPACE}-{USER}-{name}")
        status = found.get("status", {})
        good = status.get("sync", {}).get("status") == "Synced" and status.get("health", {}).get("status") == "Healthy"
        return found if good else {}

    return eventually(state, SECONDS, f"{name} is Synced and Healthy")


def test_a_changed_version_rolls_out_in_seconds(platform: Platform) -> None:
    settled(platform)
    before = platform.answer(PROJECT)
    version = f"2.0.0-{secrets.token_hex(4)}"
    commit = write(platform.gitops, PROJECT, version, f"{PROJECT}.{platform.name}.test")
    answer = eventually(lambda: _in_version(platform, PROJECT, version), SECONDS, "the new version answers")
    assert answer["hostname"] != before["hostname"], "new pods answer"
    settled(platform)
    assert _told_of(platform.gitops, commit) == {"argocd", "applicationset"}, "it came by both webhooks"


@pytest.fixture
def second_application(platform: Platform) -> Iterator[str]:
    """The name of an application that is removed again at the end."""
    name = "second"
    yield name
    actions = [{"action": "delete", "file_path": path} for path in files_below(platform.gitops, f"apps/{WORKSPACE}/{USER}/{name}")]
    if actions:
        platform.gitops.commits.create({"branch": "main", "commit_message": f"Test: remove {name}", "actions": actions})


def test_a_new_folder_becomes_a_running_application_in_seconds(platform: Platform, second_application: str) -> None:
    version = f"1.0.0-{secrets.token_hex(4)}"
    write(platform.gitops, second_application, version, f"{second_application}.{platform.name}.test")
    settled(platform, second_application)
    eventually(lambda: _in_version(platform, second_application, version), SECONDS, "the new application answers")


def test_a_deployment_deleted_by_hand_comes_back(platform: Platform) -> None:
    settled(platform)
    before = deployment(platform)
    platform.kubectl("-n", NAMESPACE, "delete", "deployment", before["metadata"]["name"])

    def back() -> bool:
        found = platform.object("deployment", before["metadata"]["name"], NAMESPACE)
        return bool(found) and found["metadata"]["uid"] != before["metadata"]["uid"] and bool(found["status"]["availableReplicas"])

    eventually(back, 60, "the Deployment is back")
    settled(platform)
    eventually(lambda: platform.get(PROJECT).status_code == 200, SECONDS, "the application answers again")


def test_a_change_by_hand_is_reverted(platform: Platform) -> None:
    settled(platform)
    before = deployment(platform)
    [container] = before["spec"]["template"]["spec"]["containers"]
    name = before["metadata"]["name"]
    platform.kubectl("-n", NAMESPACE, "set", "image", f"deployment/{name}", f"{container['name']}=nothing:0")

    def reverted() -> bool:
        [found] = platform.object("deployment", name, NAMESPACE)["spec"]["template"]["spec"]["containers"]
        return bool(found["image"] == container["image"])

    eventually(reverted, 60, "the image is the one in Git again")


def test_pulumi_and_argo_cd_own_no_object_together(platform: Platform) -> None:
    settled(platform)
    pulumi = _inventory_of_pulumi(platform)
    argo = _inventory_of_argo(platform)
    assert ("Application", "argocd", "platform") in pulumi
    assert ("Deployment", NAMESPACE) in {each[:2] for each in argo}
    assert ("ApplicationSet", "argocd", "user-projects") in argo
    assert not pulumi & argo


def _told_of(project: Project, commit: str) -> set[str]:
    """The hosts (first label) whose webhook received the push of this commit and answered 200."""
    told = set()
    for hook in project.hooks.list(iterator=True):
        events = project.manager.gitlab.http_list(f"/projects/{project.id}/hooks/{hook.id}/events", iterator=True)
        if any(event["response_status"] == "200" and event["request_data"]["after"] == commit for event in events):
            told.add(str(urlsplit(hook.url).hostname).split(".")[0])
    return told


def _in_version(platform: Platform, application: str, version: str) -> dict[str, Any]:
    answer = platform.answer(application)
    return answer if answer.get("version") == version else {}


def deployment(platform: Platform) -> dict[str, Any]:
    """The sample's Deployment."""
    return platform.object("deployment", f"{USER}-{PROJECT}", NAMESPACE)


def _inventory_of_pulumi(platform: Platform) -> set[tuple[str, str, str]]:
    """Every Kubernetes object in Pulumi's state, the objects of its Helm releases included: (kind, namespace, name)."""
    state = json.loads(platform.pulumi("stack", "export"))
    found: set[tuple[str, str, str]] = set()
    for resource in state["deployment"]["resources"]:
        if not resource["type"].startswith("kubernetes:") or "outputs" not in resource:
            continue
        outputs = resource["outputs"]
        if resource["type"] == "kubernetes:helm.sh/v3:Release":
            for group_kind, names in outputs["resourceNames"].items():
                for name in names:
                    namespace, _, short = name.rpartition("/")
                    found.add((group_kind.partition(".")[0].partition("/")[0], namespace, short))
        else:
            metadata = outputs["metadata"]
            found.add((outputs["kind"], metadata.get("namespace", ""), metadata["name"]))
    return found


def _inventory_of_argo(platform: Platform) -> set[tuple[str, str, str]]:
    """Every object that Argo CD's Applications manage: (kind, namespace, name)."""
    resources = [each for application in platform.objects("applications") for each in application["status"].get("resources", [])]
    return {(each["kind"], each.get("namespace", ""), each["name"]) for each in resources}


FOLDERS: dict[str, dict[str, str]] = {
    "yaml": {"config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: plain\ndata:\n  made: by-yaml\n"},
    "kustomize": {
        "kustomization.yaml": "namePrefix: kustomized-\nresources: [config.yaml]\n",
        "config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: it\ndata:\n  made: by-kustomize\n",
    },
    "broken": {"Chart.yaml": "name: [", "values.yaml": "{{", "templates/x.yaml": "{{ nothing"},
    "broken-yaml": {"config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: [\n"},
}
"""Applications by what is in their folders."""


@pytest.fixture
def folders(platform: Platform) -> Iterator[None]:
    """One application of each kind, committed together and removed at the end."""
    base = f"apps/{WORKSPACE}/{USER}"
    files = {f"{base}/{name}/{file}": text for name, content in FOLDERS.items() for file, text in content.items()}
    create = [{"action": "create", "file_path": path, "content": text} for path, text in files.items()]
    platform.gitops.commits.create({"branch": "main", "commit_message": "Test: folders of every kind", "actions": create})
    yield
    delete = [{"action": "delete", "file_path": path} for path in files]
    platform.gitops.commits.create({"branch": "main", "commit_message": "Test: remove them", "actions": delete})


@pytest.mark.usefixtures("folders")
def test_kustomize_and_plain_yaml_are_applications_and_a_broken_folder_stops_none(platform: Platform) -> None:
    settled(platform, "yaml")
    settled(platform, "kustomize")
    assert platform.object("configmap", "plain", NAMESPACE)["data"] == {"made": "by-yaml"}
    assert platform.object("configmap", "kustomized-it", NAMESPACE)["data"] == {"made": "by-kustomize"}
    version = f"4.0.0-{secrets.token_hex(4)}"
    write(platform.gitops, PROJECT, version, f"{PROJECT}.{platform.name}.test")
    eventually(lambda: _in_version(platform, PROJECT, version), SECONDS, "the others go on")
    for name in ("broken", "broken-yaml"):

        def told(name: str = name) -> bool:
            conditions = platform.object("application", f"{WORKSPACE}-{USER}-{name}").get("status", {}).get("conditions", [])
            return any(each["type"] == "ComparisonError" for each in conditions)

        eventually(told, SECONDS, f"{name} says what is wrong with it")
