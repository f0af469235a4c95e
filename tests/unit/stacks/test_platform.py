"""The resource graph of an environment, run against Pulumi's mocks."""

import base64
import json

import jwt
import pytest

from gitops import tenants
from tests.unit.graph import MARK, NEEDLES, NODE, SECRET, SENTINEL, Graph, build, leaks, plain, secret_settings
from tests.unit.graph import planted as plant

EXISTING = {**NODE, "cluster": json.dumps({"kubeconfig": {"path": "/home/me/.kube/config", "context": "kind-dev"}})}

EXTERNAL = {
    **EXISTING,
    "harbor": json.dumps({"external": {"url": "https://harbor.example.com", "password": "x"}, "prefix": "dev-"}),
    "jenkins": json.dumps({"external": {"url": "https://jenkins.example.com", "password": "x"}, "prefix": "dev-"}),
}


@pytest.fixture(scope="module")
def graph() -> Graph:
    return build(NODE)


@pytest.fixture(scope="module", params=["a node", "an existing cluster", "everything exists"])
def any_graph(request: pytest.FixtureRequest, graph: Graph) -> Graph:
    """The graph of each kind of cluster."""
    return graph if request.param == "a node" else build(EXISTING if request.param == "an existing cluster" else EXTERNAL)


def test_no_secret_is_in_clear(any_graph: Graph) -> None:
    assert [f"{resource.urn}{path}" for resource in any_graph for path in leaks(resource.inputs)] == []
    assert list(leaks(any_graph.outputs, "outputs of ")) == []
    assert list(leaks(any_graph.arguments, "arguments")) == []
    assert [resource.urn for resource in any_graph if NEEDLES.found(resource.urn)] == []


def test_the_leak_test_would_see_one(any_graph: Graph) -> None:
    secrets = {resource.name for resource in any_graph if list(leaks(plain(resource.inputs)))}
    made = {"gitlab", "argocd-secret", "argocd-redis", "repository", "gitops-server", "gitops-applicationset"}
    made |= {"alice-registry", "push-acme"}
    if [each for each in any_graph.of_type(":Release") if each.name == "harbor"]:
        made |= {"harbor-tls", "harbor-token", "harbor-admin"}
    assert secrets >= (made | {"cluster"} if any_graph.of_type(":Container") else made)
    assert list(leaks(plain(any_graph.outputs["exports"])))
    key = plain(any_graph.one("RandomPassword", "webhook-secret").inputs)
    assert not list(leaks(key)), "an innocent one"


def test_every_secret_setting_is_planted_somewhere() -> None:
    planted = json.dumps([config for kind in (NODE, EXISTING, EXTERNAL) for config in [plant(kind)]])
    assert ("gitlab", "token") in set(secret_settings())
    assert [path for path in secret_settings() if f"{SENTINEL}-{'-'.join(path)}" not in planted] == []


def test_no_secret_is_in_helm_values(any_graph: Graph) -> None:
    releases = any_graph.of_type("helm.sh/v3:Release")
    assert {release.name for release in releases} >= {"argocd", "ingress-nginx"}
    for release in releases:
        # docs/decisions.md: the one that Harbor's chart takes in no other way.
        allowed = [".values.database.internal.password"] if release.name == "harbor" else []
        assert list(leaks(plain(release.inputs))) == allowed, "not even as a secret value: Helm keeps it in clear"


def test_components_have_no_properties_of_their_own(any_graph: Graph) -> None:
    components = [resource for resource in any_graph if resource.type.startswith("slipway:")]
    assert components
    assert [resource.urn for resource in components if resource.inputs or any_graph.outputs[resource.name]] == []


def test_every_kubernetes_object_goes_to_our_cluster(graph: Graph) -> None:
    (provider,) = graph.of_type("providers:kubernetes")
    for resource in graph:
        if resource.type.startswith("kubernetes:"):
            assert resource.provider.startswith(provider.urn), resource.urn


def test_the_kubeconfig_trusts_our_authority_and_reaches_the_node(graph: Graph) -> None:
    (provider,) = graph.of_type("providers:kubernetes")
    config = json.loads(plain(provider.inputs["kubeconfig"]))
    (cluster,) = config["clusters"]
    assert cluster["cluster"]["server"] == "https://10.89.7.10:6443"
    assert base64.b64decode(cluster["cluster"]["certificate-authority-data"]) == b"certificate"
    assert config["current-context"] == cluster["name"] == "slipway-1-dev"


def test_the_provider_waits_for_the_node(graph: Graph) -> None:
    (provider,) = graph.of_type("providers:kubernetes")
    assert graph.one("Container", "cluster").urn in provider.dependencies


def test_the_node_holds_no_key_of_an_authority(graph: Graph) -> None:
    uploads = plain(graph.one("Container", "cluster").inputs["uploads"])
    assert {"/etc/kubernetes/pki/ca.crt", "/etc/kubernetes/pki/admin.key", "/etc/kubernetes/pki/sa.key"} <= {
        upload["file"] for upload in uploads
    }
    contents = json.dumps(uploads)
    assert f"{SENTINEL}-ca-" not in contents
    assert f"{SENTINEL}-front-proxy-ca-" not in contents


def test_two_stacks_share_no_docker_name(graph: Graph) -> None:
    def names(of: Graph) -> set[str]:
        images = ("docker:index/remoteImage:RemoteImage", "docker:index/image:Image")
        return {resource.inputs["name"] for resource in of if resource.type.startswith("docker:") and resource.type not in images}

    assert not names(graph) & names(build(NODE, stack="other"))


def test_k3s_takes_the_place_of_our_image() -> None:
    node = json.loads(NODE["cluster"])
    node["node"] |= {"kind": "k3s", "image": "rancher/k3s:v1.34.4-k3s1", "privileged": True}
    container = plain(build({**NODE, "cluster": json.dumps(node)}).one("Container", "cluster").inputs)
    assert container["privileged"]
    assert "--node-ip=10.89.7.10" in container["command"]
    assert "/var/lib/rancher/k3s/server/tls/client-ca.key" in {upload["file"] for upload in container["uploads"]}


def test_an_existing_cluster_needs_no_container() -> None:
    graph = build(EXISTING)
    (provider,) = graph.of_type("providers:kubernetes")
    assert provider.inputs["context"] == "kind-dev"
    assert provider.inputs["enableSecretMutable"], "else a changed Secret is deleted first, and Jenkins is told of no jobs"
    assert {resource.type for resource in graph if resource.type.startswith("docker:")} == {"docker:index/image:Image"}


def test_gitlab_does_not_wait_for_the_cluster(graph: Graph) -> None:
    needed = graph.needs(graph.one("Project", "gitops"))
    assert not [urn for urn in needed if "kubernetes:" in urn or "docker:" in urn]


def test_hooks_are_made_when_there_is_somebody_to_answer(graph: Graph) -> None:
    hooks = {hook.inputs["url"]: hook for hook in graph.of_type("ProjectHook")}
    answers = {
        "http://argocd.dev.test/api/webhook": "argocd",
        "http://applicationset.dev.test/api/webhook": "argocd",
        "http://jenkins.dev.test/project/acme/build/alice-sample": "jenkins",
    }
    assert hooks.keys() == answers.keys()
    for url, release in answers.items():
        assert graph.one("Release", release).urn in graph.needs(hooks[url])
        assert hooks[url].inputs["enableSslVerification"] is False
    assert graph.one("Secret", "acme-jobs").urn in graph.needs(hooks["http://jenkins.dev.test/project/acme/build/alice-sample"])


def test_destroy_removes_the_root_application_before_all_that_it_needs(graph: Graph) -> None:
    needed = graph.needs(graph.one(":Application", "root"))
    for end, name in [
        ("Release", "argocd"),
        ("AppProject", "workspace-acme"),
        ("AppProject", "platform"),
        ("Namespace", "alice"),
        ("Secret", "repository"),
        ("RepositoryFile", "applicationset-user-projects.yaml"),
    ]:
        assert graph.one(end, name).urn in needed


def test_tenants_are_confined_to_their_namespaces(graph: Graph) -> None:
    spec = graph.one("AppProject", "workspace-acme").inputs["spec"]
    assert [destination["namespace"] for destination in spec["destinations"]] == ["user-alice"]
    assert spec["clusterResourceWhitelist"] == []
    assert spec["sourceRepos"] == ["http://gitlab.dev.test/example/dev/gitops.git"]


def test_releases_find_in_git_who_the_tenants_are(graph: Graph) -> None:
    file = graph.one("RepositoryFile", tenants.path("alice"))
    assert file.inputs["filePath"] == "tenants/alice.yaml"
    assert tenants.workspace_of(file.inputs["content"]) == "acme"
    assert graph.one("RepositoryFile", "registry-secret.yaml").urn in graph.needs(file), "one commit after the other"


def test_the_token_for_releases_is_a_secret_that_argo_cd_knows_again(graph: Graph) -> None:
    exported = graph.outputs["exports"]["argocdReleaseToken"]
    assert exported[MARK] == SECRET
    key = f"{SENTINEL}-server-key-result"
    claims = jwt.decode(plain(exported), key, algorithms=["HS256"], options={"verify_iat": False})
    data = plain(graph.one("Secret", "argocd-secret").inputs)["stringData"]
    assert data["server.secretkey"] == key
    assert json.loads(data["accounts.release.tokens"]) == [{"id": claims["jti"], "iat": claims["iat"]}]
    values = graph.one("Release", "argocd").inputs["values"]
    assert values["configs"]["cm"]["accounts.release"] == "apiKey"
    assert claims["sub"] == "release:apiKey"
    assert all(
        line.startswith("p, release, ") and ", workspace-*/*, allow" in line
        for line in values["configs"]["rbac"]["policy.csv"].splitlines()
    )


def test_what_belongs_to_a_project_is_deleted_with_it(graph: Graph) -> None:
    project = graph.one("Project", "gitops")
    for end in ("BranchProtection", "ProjectHook"):
        for resource in graph.of_type(end):
            if resource.name.startswith("gitops"):
                assert resource.deleted_with == project.urn
