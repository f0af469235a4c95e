"""The application chart: Helm, the API server and restricted Pod Security take each documented example; wrong values are refused."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitops.release import chart
from gitops.release.errors import RefusedError
from naming import App
from sandbox.cache import ROOT
from tests.e2e.support import Platform

APP = App(workspace="acme", user="alice", project="shop")
NAMESPACE = "user-alice"
RESTRICTED = "chart-examples"
EXAMPLES = dict(re.findall(r"^### (.*?)\n.*?```yaml\n(.*?)```", (ROOT / "docs" / "chart.md").read_text(), re.MULTILINE | re.DOTALL))
SMALL = EXAMPLES["Small"]

Manifests = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def _helm_on_path(helm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(helm.parent), prepend=":")


@pytest.fixture(scope="module")
def restricted(platform: Platform) -> Iterator[str]:
    """A namespace that admits restricted pods only, with the account that the chart's pods run under."""
    platform.kubectl("create", "namespace", RESTRICTED)
    platform.kubectl("label", "namespace", RESTRICTED, "pod-security.kubernetes.io/enforce=restricted")
    platform.kubectl("-n", RESTRICTED, "create", "serviceaccount", "alice-shop")
    yield RESTRICTED
    platform.kubectl("delete", "namespace", RESTRICTED, "--wait=false")


def render(values: str) -> Manifests:
    files = {chart.CHART: chart.chart_yaml(APP), **chart.chart_files()}
    return [each for each in yaml.safe_load_all(chart.render(APP, files, values)) if each]


def one(manifests: Manifests, kind: str) -> dict[str, Any]:
    [found] = [each for each in manifests if each["kind"] == kind]
    return found


def test_the_documentation_has_examples() -> None:
    assert len(EXAMPLES) == 7


@pytest.mark.parametrize("title", EXAMPLES)
def test_an_example_is_taken_by_the_server(platform: Platform, restricted: str, title: str) -> None:
    manifests = render(EXAMPLES[title])
    platform.kubectl("-n", NAMESPACE, "apply", "--dry-run=server", "-f", "-", text=yaml.safe_dump_all(manifests))
    template = one(manifests, "Deployment")["spec"]["template"]
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "example", "labels": template["metadata"]["labels"]},
        "spec": template["spec"],
    }
    platform.kubectl("-n", restricted, "apply", "--dry-run=server", "-f", "-", text=yaml.safe_dump(pod))


def test_the_restricted_namespace_would_refuse_another_pod(platform: Platform, restricted: str) -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"containers": [{"name": "x", "image": "x"}]}}
    with pytest.raises(RuntimeError, match="violates PodSecurity"):
        platform.kubectl("-n", restricted, "apply", "--dry-run=server", "-f", "-", text=yaml.safe_dump(pod))


def test_every_default_is_one_that_the_schema_takes() -> None:
    """defaults.yaml, put into values.yaml as people do, changes nothing."""
    defaults = yaml.safe_load(chart.chart_files()["defaults.yaml"])
    given = yaml.safe_load(SMALL)
    merged = defaults | given | {"image": defaults["image"] | given["image"]}
    assert render(yaml.safe_dump(merged)) == render(SMALL)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("port: '80'", "at '/port': got string, want integer"),
        ("port: 0", "at '/port': minimum: got 0, want 1"),
        ("hots: a", "additional properties 'hots' not allowed"),
        ("strategy: canary", "at '/strategy': value must be one of 'rolling', 'blueGreen'"),
        ("env: {A: 1}", "at '/env/A': got number, want string"),
        ("env: {'A B': x}", "'A B' does not match pattern"),
        ("host: 'a b'", "at '/host': 'a b' does not match pattern"),
        ("image: {tag: v1}", "at '/image': missing property 'repository'"),
        ("image: {repository: a, tag: 1.10}", "at '/image/tag': got number, want string"),
        ("runAsUser: 0", "at '/runAsUser': minimum: got 0, want 1"),
        ("volumes: [{name: a, mountPath: /a, hostPath: {path: /}}]", "hostPath"),
        ("namespace: user-bob", "the folder was copied, or moved to another user"),
        ("host: ''", "does not match pattern"),
    ],
)
def test_a_wrong_value_is_refused_in_helms_words(values: str, expected: str) -> None:
    with pytest.raises(RefusedError) as refused:
        render(yaml.safe_dump(yaml.safe_load(SMALL) | yaml.safe_load(values)))
    assert expected in refused.value.message
    assert "nothing was written" in refused.value.message


def test_without_a_host_it_says_what_is_missing() -> None:
    with pytest.raises(RefusedError, match="lacks host"):
        render("".join(line for line in SMALL.splitlines(True) if not line.startswith("host")))


def test_autoscaling_leaves_the_number_of_pods_to_the_cluster() -> None:
    manifests = render(EXAMPLES["Scaled by load"])
    assert "replicas" not in one(manifests, "Deployment")["spec"]
    assert one(manifests, "HorizontalPodAutoscaler")["apiVersion"] == "autoscaling/v2"
    assert one(manifests, "HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]["name"] == one(manifests, "Deployment")["metadata"]["name"]


def test_a_new_colour_is_another_deployment_and_the_service_is_switched_after_it() -> None:
    blue = render(SMALL + "strategy: blueGreen\n")
    green = render(SMALL.replace("v1.2.3", "v1.2.4") + "strategy: blueGreen\n")
    scaled = render(SMALL + "strategy: blueGreen\nreplicas: 5\n")
    assert one(blue, "Deployment")["metadata"]["name"] != one(green, "Deployment")["metadata"]["name"]
    assert one(blue, "Deployment")["metadata"]["name"] == one(scaled, "Deployment")["metadata"]["name"]
    wave = "argocd.argoproj.io/sync-wave"
    assert int(one(green, "Service")["metadata"]["annotations"][wave]) > int(
        one(green, "Deployment")["metadata"]["annotations"].get(wave, 0)
    )
    labels = one(green, "Deployment")["spec"]["template"]["metadata"]["labels"]
    assert one(green, "Service")["spec"]["selector"].items() <= labels.items()
    assert not one(blue, "Service")["spec"]["selector"].items() <= labels.items()


def test_a_pod_has_no_token_of_the_cluster_and_pulls_with_the_registry_secret() -> None:
    manifests = render(SMALL)
    account = one(manifests, "ServiceAccount")
    assert account["automountServiceAccountToken"] is False
    assert account["imagePullSecrets"] == [{"name": "registry"}]
    assert one(manifests, "Deployment")["spec"]["template"]["spec"]["automountServiceAccountToken"] is False


def test_a_user_id_of_digits_is_a_name_for_a_service() -> None:
    files = {chart.CHART: chart.chart_yaml(APP), **chart.chart_files()}
    manifests = [each for each in yaml.safe_load_all(chart.render(App(workspace="acme", user="42", project="shop"), files, SMALL)) if each]
    assert one(manifests, "Service")["metadata"]["name"] == "app-42-shop"
    assert one(manifests, "Ingress")["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]["name"] == "app-42-shop"


def test_a_digest_pins_the_image() -> None:
    [container] = one(render(EXAMPLES["Blue and green"]), "Deployment")["spec"]["template"]["spec"]["containers"]
    assert container["image"] == f"registry.example.com/acme/shop:v1.2.3@sha256:{'0' * 64}"
