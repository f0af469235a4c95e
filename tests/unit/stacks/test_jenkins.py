"""What Jenkins is told, in the resource graph: which job may see which credential."""

import json
from typing import Any

import pytest
import yaml

from tests.unit.graph import NODE, SENTINEL, Graph, build, plain

TENANTS = [
    {
        "workspace": "acme",
        "user": "alice",
        "applications": [{"project": "shop", "port": 8000, "hosts": ["shop.dev.test"]}, {"project": "api"}],
    },
    {"workspace": "umbrella", "user": "carol", "applications": [{"project": "lab"}]},
]
JENKINS = {"external": {"url": "https://jenkins.example.com", "password": "x"}, "prefix": "dev-"}


@pytest.fixture(scope="module")
def graph() -> Graph:
    return build({**NODE, "tenants": json.dumps(TENANTS)})


def told(graph: Graph, workspace: str) -> Any:
    """The data of a workspace's script."""
    (text,) = plain(graph.one("Secret", f"{workspace}-jobs").inputs)["stringData"].values()
    return _data(text, "SLIPWAY_WORKSPACE")[0]


def _data(text: str, variable: str) -> list[Any]:
    environments = [entry["providedEnv"] for entry in yaml.safe_load(text)["jobs"] if "providedEnv" in entry]
    return [json.loads(each[variable]) for each in environments if variable in each]


def test_the_build_job_sees_no_token_for_the_gitops_repository(graph: Graph) -> None:
    workspace = told(graph, "acme")
    assert {login["id"] for login in workspace["build"]} == {"pipeline", "source", "registry", "status"}
    assert {login["id"] for login in workspace["update"]} == {"pipeline", "gitops", "argocd", "registry", "status"}
    builds, updates = ({login["id"]: login["password"] for login in workspace[kind]} for kind in ("build", "update"))
    assert updates["gitops"] == f"{SENTINEL}-slipway-release-1-token"
    assert updates["registry"] != builds["registry"], "the update job pushes no images"
    assert updates["gitops"] not in json.dumps(workspace["build"]) + json.dumps(workspace["applications"])


def test_a_workspace_is_told_nothing_of_another(graph: Graph) -> None:
    acme, umbrella = json.dumps(told(graph, "acme")), json.dumps(told(graph, "umbrella"))
    assert "umbrella" not in acme
    assert "acme" not in umbrella
    assert f"{SENTINEL}-push-acme-result" in acme
    assert f"{SENTINEL}-push-acme-result" not in umbrella


def test_a_new_folder_is_known_as_one_that_stays_before_it_is_made(graph: Graph) -> None:
    folders = graph.one("Secret", "all.workspaces-jobs")
    assert _data(plain(folders.inputs)["stringData"]["jenkins-folders.yaml"], "SLIPWAY_WORKSPACES")[0]["folders"] == ["acme", "umbrella"]
    for workspace in ("acme", "umbrella"):
        jobs = graph.one("Secret", f"{workspace}-jobs")
        assert folders.urn in graph.needs(jobs)
        (file,) = plain(jobs.inputs)["stringData"]
        assert file > "jenkins-folders.yaml", "Jenkins reads the files in this order"


def test_each_application_has_a_hook_token_of_its_own(graph: Graph) -> None:
    hooks = {plain(hook.inputs)["url"]: plain(hook.inputs)["token"] for hook in graph.of_type("ProjectHook") if "jenkins" in hook.name}
    assert len({*hooks.values()}) == len(hooks) == 3
    jobs = {
        f"http://jenkins.dev.test/project/{w}/build/{app['name']}": app["hook"]
        for w in ("acme", "umbrella")
        for app in told(graph, w)["applications"]
    }
    assert jobs == hooks


def test_parameters_are_the_applications(graph: Graph) -> None:
    shop, api = told(graph, "acme")["applications"]
    assert (shop["port"], shop["host"], shop["domain"], shop["branch"]) == ("8000", "shop.dev.test", "dev.test", "main")
    assert (api["port"], api["host"]) == ("8080", "")


def test_jobs_run_a_tag_that_only_the_platform_can_move(graph: Graph) -> None:
    tag = graph.of_type("ProjectTag")[0].inputs["name"]
    assert told(graph, "acme")["pipeline"]["revision"] == f"refs/tags/{tag}"
    protection = graph.of_type("TagProtection")[0].inputs
    assert (protection["tag"], protection["createAccessLevel"]) == ("platform-*", "maintainer")
    assert tag.startswith("platform-")


def test_the_bot_that_commits_releases_cannot_unprotect_the_branch(graph: Graph) -> None:
    bot = graph.one("ProjectAccessToken", "slipway-release-1").inputs
    assert bot["accessLevel"] == "developer"
    assert graph.one("BranchProtection", "gitops-main").inputs["allowedToPushes"] == [{"userId": 5}]
    assert "allowedToPushes" not in graph.one("BranchProtection", "pipeline-main").inputs


def test_images_are_in_the_registry_before_jenkins_is_installed(graph: Graph) -> None:
    needed = graph.needs(graph.one("Release", "jenkins"))
    for image in graph.of_type("docker:index/image:Image"):
        assert image.urn in needed
        assert plain(image.inputs)["imageName"].startswith("harbor.dev.test/platform/")


def test_a_jenkins_that_runs_already_is_told_by_a_text() -> None:
    graph = build({**NODE, "tenants": json.dumps(TENANTS), "jenkins": json.dumps(JENKINS)})
    assert not [release for release in graph.of_type(":Release") if release.name == "jenkins"]
    assert not graph.of_type("docker:index/image:Image")
    outputs = plain(graph.outputs["exports"])
    assert [each["folder"] for each in _data(outputs["jenkinsJobs"], "SLIPWAY_WORKSPACE")] == ["dev-acme", "dev-umbrella"]
    assert _data(outputs["jenkinsJobs"], "SLIPWAY_WORKSPACES") == [{"mark": "slipway dev: ", "folders": ["dev-acme", "dev-umbrella"]}]
    hooks = {hook.inputs["url"] for hook in graph.of_type("ProjectHook")}
    assert "https://jenkins.example.com/project/dev-acme/build/alice-shop" in hooks


def test_a_platform_without_jenkins_is_one() -> None:
    graph = build({**NODE, "tenants": json.dumps(TENANTS), "jenkins": json.dumps({"enabled": False})})
    assert not [resource.urn for resource in graph if "jenkins" in resource.type.lower() or resource.type == "docker:index/image:Image"]
    assert not [hook for hook in graph.of_type("ProjectHook") if "/project/" in hook.inputs["url"]]
    assert "jenkinsUrl" not in plain(graph.outputs["exports"])
