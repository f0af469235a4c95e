"""What tenants consist of, in the resource graph: each object is one tenant's, and no other's changes with it."""

import base64
import json
from typing import Any

import pytest

from tests.unit.graph import NODE, Graph, build, plain

Tenants = list[dict[str, Any]]
FOUR: Tenants = [
    {
        "workspace": "acme",
        "user": "alice",
        "applications": [{"project": "shop", "port": 8000, "hosts": ["shop.dev.test"]}, {"project": "api"}],
    },
    {"workspace": "acme", "user": "bob", "applications": [{"project": "shop"}]},
    {"workspace": "umbrella", "user": "carol", "applications": [{"project": "lab"}]},
    {"workspace": "umbrella", "user": "dave"},
]
OWN_HARBOR = {"external": {"url": "https://harbor.example.com", "password": "x"}, "prefix": "dev-"}


def graph_of(tenants: Tenants, **config: Any) -> Graph:
    return build({**NODE, "tenants": json.dumps(tenants), **{key: json.dumps(value) for key, value in config.items()}})


def inputs(graph: Graph) -> dict[str, Any]:
    """Every resource's inputs, by its URN."""
    return {resource.urn: plain(resource.inputs) for resource in graph}


@pytest.fixture(scope="module")
def four() -> Graph:
    return graph_of(FOUR)


def test_a_new_user_adds_objects_and_changes_its_workspace_only(four: Graph) -> None:
    before, after = inputs(four), inputs(graph_of([FOUR[0], {"workspace": "umbrella", "user": "erin"}, *FOUR[1:]]))
    changed = [urn.rpartition("::")[2] for urn in before if before[urn] != after.get(urn)]
    assert changed == ["workspace-umbrella"], "the AppProject lists the namespaces of its workspace"
    assert all("erin" in urn.rpartition("::")[2] for urn in after.keys() - before.keys())


def test_a_new_application_adds_its_own_objects(four: Graph) -> None:
    tenants = [FOUR[0] | {"applications": [{"project": "blog"}, *FOUR[0]["applications"]]}, *FOUR[1:]]
    before, after = inputs(four), inputs(graph_of(tenants))
    changed = [urn.rpartition("::")[2] for urn in before if before[urn] != after.get(urn)]
    assert changed == ["acme-jobs"], "Jenkins is told of the jobs of a workspace in one Secret"
    assert all("acme-alice-blog" in urn for urn in after.keys() - before.keys())
    # Two components, the project with its protection and two files, the webhook and its secret token.
    assert len(after.keys() - before.keys()) == 8


def test_a_user_that_goes_takes_its_own_objects(four: Graph) -> None:
    before, after = inputs(four), inputs(graph_of(FOUR[:3]))
    gone = before.keys() - after.keys()
    assert all("dave" in urn.rpartition("::")[2] for urn in gone)
    assert [urn.rpartition("::")[2] for urn in after if before[urn] != after[urn]] == ["workspace-umbrella"]


def test_a_user_pulls_from_its_workspace_only(four: Graph) -> None:
    robot = plain(four.one("RobotAccount", "pull-carol").inputs)
    (permission,) = robot["permissions"]
    assert permission["namespace"] == "umbrella"
    assert [(each["resource"], each["action"]) for each in permission["accesses"]] == [("repository", "pull")]


def test_a_workspace_pushes_to_its_own_project_only(four: Graph) -> None:
    permissions = plain(four.one("RobotAccount", "push-acme").inputs)["permissions"]
    may = {each["namespace"]: {(access["resource"], access["action"]) for access in each["accesses"]} for each in permissions}
    assert set(may) == {"acme", "mirror"}
    assert ("repository", "push") in may["acme"]
    assert may["mirror"] == {("repository", "pull")}


def test_pods_pull_with_the_users_own_robot(four: Graph) -> None:
    secret = four.one("Secret", "alice-registry")
    config = json.loads(plain(secret.inputs)["stringData"][".dockerconfigjson"])
    login = config["auths"]["harbor.dev.test"]
    assert base64.b64decode(login["auth"]).decode() == f"{login['username']}:{login['password']}"
    assert plain(secret.inputs)["metadata"] == {"name": "registry", "namespace": "user-alice"}
    assert four.one("RobotAccount", "pull-alice").urn in secret.dependencies
    account = plain(four.one("ServiceAccountPatch", "alice-default").inputs)
    assert account["imagePullSecrets"] == [{"name": "registry"}]


def test_namespaces_are_restricted(four: Graph) -> None:
    labels = plain(four.one("Namespace", "dave").inputs)["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_a_release_tag_is_immutable_before_anybody_can_push(four: Graph) -> None:
    rule = four.one("ImmutableTagRule", "acme")
    assert plain(rule.inputs)["tagMatching"] == "v*"
    assert rule.urn in four.needs(four.one("RobotAccount", "push-acme"))


def test_two_users_of_a_workspace_may_have_projects_of_one_name(four: Graph) -> None:
    assert {four.one(":Project", f"acme-{user}-shop").inputs["path"] for user in ("alice", "bob")} == {"alice-shop", "bob-shop"}


def test_a_renewal_makes_new_robots_and_changes_nothing_else_but_who_uses_them(four: Graph) -> None:
    before, after = inputs(four), inputs(graph_of(FOUR, rotation={"robots": 2}))
    changed = {urn.partition("::")[2].split("::")[1].rpartition("$")[2].rpartition(":")[2] for urn in before if before[urn] != after[urn]}
    assert changed == {"RobotAccount", "RandomPassword"}  # the Secrets follow, from what Harbor answers
    assert before.keys() == after.keys()


def test_a_new_authority_leaves_the_clusters_own_alone(four: Graph) -> None:
    before, after = inputs(four), inputs(graph_of(FOUR, rotation={"authority": 2}))
    assert {urn.rpartition("::")[2] for urn in before.keys() - after.keys()} == {"authority-1", "harbor-1"}
    assert not [urn for urn in before if urn in after and "ClusterPki" in urn and before[urn] != after[urn]]


def test_the_content_of_our_own_harbor_goes_with_it(four: Graph) -> None:
    release = four.one("Release", "harbor")
    assert {resource.deleted_with for resource in four if resource.type.startswith("harbor:")} == {release.urn}


def test_in_another_harbor_names_have_the_stacks_prefix_and_nothing_is_installed() -> None:
    graph = graph_of(FOUR, harbor=OWN_HARBOR)
    content = [resource for resource in graph if resource.type.startswith("harbor:")]
    named = [resource.inputs["name"] for resource in content if "name" in resource.inputs]
    assert len(named) >= 11
    assert [name for name in named if not name.startswith("dev-")] == []
    assert {resource.deleted_with for resource in content} == {""}
    assert not [resource for resource in graph if resource.type.endswith(":Release") and resource.name == "harbor"]


def test_what_holds_data_is_protected_unless_told_otherwise(four: Graph) -> None:
    stateful = ("gitlab:index/project:Project", "gitlab:index/group:Group", "harbor:index/project:Project")
    kept = {resource.name for resource in four if resource.type in stateful and resource.protect}
    assert kept == {
        "group",
        "gitops",
        "pipeline",
        "platform",
        "acme",
        "umbrella",
        "acme-alice-shop",
        "acme-alice-api",
        "acme-bob-shop",
        "umbrella-carol-lab",
    }
    assert not [resource.urn for resource in graph_of(FOUR, protect=False) if resource.protect]
