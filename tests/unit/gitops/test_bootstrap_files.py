import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitops import bootstrap_files
from tests.unit.graph import NODE, Graph, build, plain

REPOSITORY = "http://gitlab.dev.test/example/dev/gitops.git"


def manifest(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(bootstrap_files.render(name, REPOSITORY))
    return loaded


def excluded() -> set[str]:
    """Files that the root Application does not sync."""
    pattern = bootstrap_files.root_application(REPOSITORY)["spec"]["source"]["directory"]["exclude"]
    return set(pattern.strip("{}").split(","))


def identity(manifest: dict[str, Any]) -> tuple[str, str, str, str]:
    metadata = manifest["metadata"]
    return manifest["apiVersion"], manifest["kind"], metadata.get("namespace", ""), metadata["name"]


@pytest.fixture(scope="module")
def graph() -> Graph:
    return build(NODE)


def test_every_file_of_the_folder_is_written() -> None:
    folder = Path(bootstrap_files.__file__).parent / "bootstrap"
    assert {path.name for path in folder.iterdir()} == set(bootstrap_files.NAMES)


@pytest.mark.parametrize("name", bootstrap_files.NAMES)
def test_a_file_is_one_manifest_with_nothing_left_to_fill_in(name: str) -> None:
    assert manifest(name)["metadata"]["name"]
    assert "${" not in bootstrap_files.render(name, REPOSITORY)


def test_no_object_has_two_owners(graph: Graph) -> None:
    argocd = {identity(manifest(name)) for name in bootstrap_files.NAMES if name not in excluded()}
    pulumi = {
        identity(plain(resource.inputs)) for resource in graph if "metadata" in resource.inputs and resource.type.startswith("kubernetes:")
    }
    assert argocd == {("argoproj.io/v1alpha1", "ApplicationSet", "argocd", "user-projects")}
    assert ("argoproj.io/v1alpha1", "Application", "argocd", "platform") in pulumi
    assert not argocd & pulumi


def test_no_secret_data_is_in_git() -> None:
    for name in bootstrap_files.NAMES:
        assert not {"data", "stringData"} & manifest(name).keys()


def test_the_root_application_in_the_cluster_is_the_one_in_git(graph: Graph) -> None:
    applied = plain(graph.one(":Application", "root").inputs)
    assert {key: applied[key] for key in ("apiVersion", "kind", "metadata", "spec")} == manifest("argocd-app-of-apps.yaml")


def test_deleting_an_application_deletes_what_it_made() -> None:
    finalizer = "resources-finalizer.argocd.argoproj.io/foreground"
    assert finalizer in manifest("argocd-app-of-apps.yaml")["metadata"]["finalizers"]
    template = manifest("applicationset-user-projects.yaml")["spec"]["template"]
    assert finalizer in template["metadata"]["finalizers"]


def test_applications_are_healed_pruned_and_make_no_namespace() -> None:
    policy = manifest("applicationset-user-projects.yaml")["spec"]["template"]["spec"]["syncPolicy"]
    assert policy["automated"] == {"prune": True, "selfHeal": True}
    assert "syncOptions" not in policy


def test_names_are_those_of_the_naming_rules() -> None:
    template = manifest("applicationset-user-projects.yaml")["spec"]["template"]
    segment = r"\{\{ index .path.segments %d \}\}"
    assert re.fullmatch(f"{segment % 1}-{segment % 2}-{segment % 3}", template["metadata"]["name"])
    assert re.fullmatch(f"user-{segment % 2}", template["spec"]["destination"]["namespace"])
    assert "helm" not in template["spec"]["source"], "with a release name, Argo CD takes every folder for a chart"
    patch = manifest("applicationset-user-projects.yaml")["spec"]["templatePatch"]
    rule = 'regexReplaceAll "-+$" (printf "%s-%s" (index .path.segments 2) (index .path.segments 3) | trunc 53) ""'
    assert f"releaseName: '{{{{ {rule} }}}}'" in patch
