"""What cannot be changed in place replaces the object, and nothing else does."""

from typing import Any

import pytest

from sandbox.providers.differ import compare
from sandbox.providers.kubernetes.immutable import replacing


def replaced(old: dict[str, Any], new: dict[str, Any], mutable: frozenset[str] = frozenset()) -> bool:
    return bool(compare(old, new, replacing(old, new, mutable)).replaces)


def item(api_version: str, kind: str, **fields: Any) -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "a", "namespace": "n"}, **fields}


@pytest.mark.parametrize(
    ("api_version", "kind", "before", "after"),
    [
        ("apps/v1", "Deployment", {"selector": {"matchLabels": {"a": "b"}}}, {"selector": {"matchLabels": {"a": "c"}}}),
        ("apps/v1", "StatefulSet", {"serviceName": "a"}, {"serviceName": "b"}),
        ("apps/v1", "DaemonSet", {"selector": {"matchLabels": {"a": "b"}}}, {"selector": {"matchLabels": {}}}),
        (
            "batch/v1",
            "Job",
            {"template": {"spec": {"containers": [{"image": "a"}]}}},
            {"template": {"spec": {"containers": [{"image": "b"}]}}},
        ),
        ("v1", "Service", {"clusterIP": "10.0.0.1"}, {"clusterIP": "None"}),
        ("v1", "PersistentVolumeClaim", {"storageClassName": "a"}, {"storageClassName": "b"}),
        ("v1", "PersistentVolume", {"hostPath": {"path": "/a"}}, {"hostPath": {"path": "/b"}}),
        ("v1", "Pod", {"containers": [{"name": "a", "env": []}]}, {"containers": [{"name": "a", "env": [{"name": "x"}]}]}),
        ("v1", "Pod", {"nodeName": "a"}, {"nodeName": "b"}),
        ("v1", "Pod", {"containers": [{"name": "a"}, {"name": "b"}]}, {"containers": [{"name": "a"}]}),
    ],
)
def test_a_change_replaces(api_version: str, kind: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    assert replaced(item(api_version, kind, spec=before), item(api_version, kind, spec=after))


@pytest.mark.parametrize(
    ("api_version", "kind", "before", "after"),
    [
        ("apps/v1", "Deployment", {"replicas": 1}, {"replicas": 2}),
        ("apps/v1", "StatefulSet", {"replicas": 1, "template": {"a": 1}}, {"replicas": 1, "template": {"a": 2}}),
        ("v1", "Service", {"ports": [{"port": 1}]}, {"ports": [{"port": 2}]}),
        ("v1", "PersistentVolumeClaim", {"resources": {"requests": {"storage": "1Gi"}}}, {"resources": {"requests": {"storage": "2Gi"}}}),
        ("v1", "Pod", {"containers": [{"name": "a", "image": "a"}]}, {"containers": [{"name": "a", "image": "b"}]}),
        ("networking.k8s.io/v1", "Ingress", {"ingressClassName": "a"}, {"ingressClassName": "b"}),
        ("argoproj.io/v1alpha1", "Application", {"project": "a"}, {"project": "b"}),
    ],
)
def test_a_change_is_made_in_place(api_version: str, kind: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    assert not replaced(item(api_version, kind, spec=before), item(api_version, kind, spec=after))


def test_another_name_or_namespace_is_another_object() -> None:
    before = item("v1", "Service")
    assert replaced(before, {**before, "metadata": {"name": "b", "namespace": "n"}})
    assert replaced(before, {**before, "metadata": {"name": "a", "namespace": "m"}})
    assert not replaced(before, {**before, "metadata": {"name": "a", "namespace": "n", "labels": {"x": "y"}}})


def test_another_version_of_a_group_is_the_same_object() -> None:
    assert not replaced(item("autoscaling/v1", "HorizontalPodAutoscaler"), item("autoscaling/v2", "HorizontalPodAutoscaler"))
    assert replaced(item("extensions/v1beta1", "Ingress"), item("networking.k8s.io/v1", "Ingress"))


@pytest.mark.parametrize("kind", ["Secret", "ConfigMap"])
def test_changed_data_replaces_unless_the_provider_allows_otherwise(kind: str) -> None:
    before, after = item("v1", kind, data={"a": "b"}), item("v1", kind, data={"a": "c"})
    assert replaced(before, after)
    assert not replaced(before, after, frozenset({kind}))
    assert replaced({**before, "immutable": True}, {**after, "immutable": True}, frozenset({kind}))


def test_a_secrets_type_and_a_bindings_role_are_fixed() -> None:
    assert replaced(item("v1", "Secret", type="Opaque"), item("v1", "Secret", type="kubernetes.io/tls"), frozenset({"Secret"}))
    group = "rbac.authorization.k8s.io/v1"
    assert replaced(item(group, "RoleBinding", roleRef={"name": "a"}), item(group, "RoleBinding", roleRef={"name": "b"}))
    assert not replaced(item(group, "RoleBinding", subjects=[{"name": "a"}]), item(group, "RoleBinding", subjects=[{"name": "b"}]))
