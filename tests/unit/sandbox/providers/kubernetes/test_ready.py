"""An object is ready when it does what it is for; until then the reason says what is missing."""

from typing import Any

import pytest

from sandbox.providers.kubernetes.ready import CHECKS, Failed, Ready, Waiting
from sandbox.providers.kubernetes.ready.verdict import Verdict

REPLICAS = {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}}
ROLLED_OUT = {"observedGeneration": 3, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2, "readyReplicas": 2}


def verdict(api_version: str, kind: str, spec: Any = None, status: Any = None, **related: list[dict[str, Any]]) -> Verdict:
    item = {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": "web", "generation": 3, "uid": "u"},
        "spec": spec,
        "status": status,
    }
    return CHECKS[api_version, kind](item, related)


def reason(found: Verdict) -> str:
    assert isinstance(found, Waiting | Failed)
    return found.reason


def pod(state: dict[str, Any] | None = None, **status: Any) -> dict[str, Any]:
    statuses = [{"name": "app", "ready": False, **state}] if state else []
    return {"kind": "Pod", "metadata": {"name": "web-1"}, "status": {"phase": "Pending", "containerStatuses": statuses, **status}}


def warning(name: str, text: str, at: str) -> dict[str, Any]:
    return {"type": "Warning", "reason": "FailedMount", "message": text, "lastTimestamp": at, "involvedObject": {"name": name}}


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
def test_a_rolled_out_workload_is_ready(kind: str) -> None:
    assert verdict("apps/v1", kind, REPLICAS, ROLLED_OUT) == Ready()


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet"])
def test_a_status_of_the_former_generation_does_not_count(kind: str) -> None:
    assert "not seen" in reason(verdict("apps/v1", kind, REPLICAS, {**ROLLED_OUT, "observedGeneration": 2}))


def test_pods_of_the_former_version_do_not_count() -> None:
    assert "1 pods of the former version" in reason(verdict("apps/v1", "Deployment", REPLICAS, {**ROLLED_OUT, "replicas": 3}))


def test_a_deployment_that_makes_no_progress_has_failed() -> None:
    conditions = [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "no progress"}]
    found = verdict("apps/v1", "Deployment", REPLICAS, {**ROLLED_OUT, "availableReplicas": 1, "conditions": conditions})
    assert found == Failed("no progress")


def test_a_deployment_whose_pods_may_not_be_created_says_why() -> None:
    conditions = [{"type": "ReplicaFailure", "status": "True", "message": "exceeded quota"}]
    assert "exceeded quota" in reason(verdict("apps/v1", "Deployment", REPLICAS, {"observedGeneration": 3, "conditions": conditions}))


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}}, "ImagePullBackOff: no such image"),
        (
            {"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {"exitCode": 3, "reason": "Error"}}},
            "CrashLoopBackOff: exit code 3",
        ),
        ({"state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}}, "exit code 137, OOMKilled"),
        ({"state": {"running": {}}}, "readiness probe"),
    ],
)
def test_the_reason_is_the_containers(state: dict[str, Any], expected: str) -> None:
    found = reason(verdict("apps/v1", "Deployment", REPLICAS, {"observedGeneration": 3}, Pod=[pod(state)]))
    assert found.startswith("0/2 pods available: pod web-1: container app")
    assert expected in found


def test_the_reason_is_the_last_warning_while_a_container_is_created() -> None:
    created = pod({"state": {"waiting": {"reason": "ContainerCreating"}}})
    events = [
        warning("web-1", "old", "2026-01-01T00:00:00Z"),
        warning("web-1", "no volume", "2026-01-02T00:00:00Z"),
        warning("x", "other", "9"),
    ]
    assert "FailedMount: no volume" in reason(
        verdict("apps/v1", "StatefulSet", REPLICAS, {"observedGeneration": 3}, Pod=[created], Event=events)
    )


def test_an_unscheduled_pod_says_why() -> None:
    conditions = [{"type": "PodScheduled", "status": "False", "message": "0/1 nodes are available"}]
    assert "0/1 nodes are available" in reason(verdict("v1", "Pod", status=pod(conditions=conditions)["status"]))


def test_pods_are_ready_or_done_or_failed() -> None:
    assert verdict("v1", "Pod", status={"conditions": [{"type": "Ready", "status": "True"}]}) == Ready()
    assert verdict("v1", "Pod", status={"phase": "Succeeded"}) == Ready()
    assert isinstance(verdict("v1", "Pod", status={"phase": "Failed", "message": "evicted"}), Failed)


def test_a_stateful_set_with_a_partition_waits_for_the_others_alone() -> None:
    spec = {**REPLICAS, "updateStrategy": {"rollingUpdate": {"partition": 1}}}
    status = {"observedGeneration": 3, "readyReplicas": 2, "updatedReplicas": 1, "currentRevision": "a", "updateRevision": "b"}
    assert verdict("apps/v1", "StatefulSet", spec, status) == Ready()
    assert isinstance(verdict("apps/v1", "StatefulSet", REPLICAS, status), Waiting)


def test_a_daemon_set_runs_on_all_its_nodes() -> None:
    status = {"observedGeneration": 3, "desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 1}
    assert reason(verdict("apps/v1", "DaemonSet", {}, status)) == "1/2 pods available"
    assert verdict("apps/v1", "DaemonSet", {}, {**status, "numberAvailable": 2}) == Ready()


def test_a_job_is_complete_or_failed() -> None:
    assert verdict("batch/v1", "Job", {}, {"conditions": [{"type": "Complete", "status": "True"}]}) == Ready()
    assert reason(verdict("batch/v1", "Job", {"completions": 3}, {"succeeded": 1})) == "1/3 pods completed"
    failed = {"conditions": [{"type": "Failed", "status": "True", "message": "backoff limit"}]}
    found = verdict("batch/v1", "Job", {}, failed, Pod=[pod({"state": {"terminated": {"exitCode": 7}}})])
    assert found == Failed("backoff limit: pod web-1: container app: exit code 7")


def test_a_service_needs_a_ready_pod() -> None:
    spec = {"selector": {"app": "web"}, "clusterIP": "10.0.0.1"}
    assert "app=web" in reason(verdict("v1", "Service", spec))
    assert "1 pods behind it" in reason(verdict("v1", "Service", spec, EndpointSlice=[{"endpoints": [{"conditions": {"ready": False}}]}]))
    assert verdict("v1", "Service", spec, EndpointSlice=[{"endpoints": [{"conditions": {"ready": True}}]}]) == Ready()


@pytest.mark.parametrize("spec", [{"type": "ExternalName"}, {"clusterIP": "None", "selector": {"a": "b"}}, {"clusterIP": "10.0.0.1"}])
def test_some_services_have_nothing_to_wait_for(spec: dict[str, Any]) -> None:
    assert verdict("v1", "Service", spec) == Ready()


def test_a_load_balancer_needs_an_address() -> None:
    assert "load balancer" in reason(verdict("v1", "Service", {"type": "LoadBalancer"}))
    assert verdict("v1", "Service", {"type": "LoadBalancer"}, {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}) == Ready()


def test_an_ingress_needs_an_address_and_its_class() -> None:
    assert verdict("networking.k8s.io/v1", "Ingress", {}, {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}) == Ready()
    classes = [{"metadata": {"name": "nginx"}}]
    found = reason(verdict("networking.k8s.io/v1", "Ingress", {"ingressClassName": "traefik"}, IngressClass=classes))
    assert found == "there is no ingress class 'traefik'; the cluster has nginx"
    assert "no controller" in reason(verdict("networking.k8s.io/v1", "Ingress", {"ingressClassName": "nginx"}, IngressClass=classes))


def test_a_claim_is_bound_or_waits_for_its_first_pod() -> None:
    late = {"metadata": {"name": "late"}, "volumeBindingMode": "WaitForFirstConsumer"}
    default = {**late, "metadata": {"name": "d", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}}
    pending = {"phase": "Pending"}
    assert verdict("v1", "PersistentVolumeClaim", {}, {"phase": "Bound"}) == Ready()
    assert verdict("v1", "PersistentVolumeClaim", {"storageClassName": "late"}, pending, StorageClass=[late]) == Ready()
    assert verdict("v1", "PersistentVolumeClaim", {}, pending, StorageClass=[default]) == Ready()
    found = reason(verdict("v1", "PersistentVolumeClaim", {"storageClassName": "x"}, pending, StorageClass=[late]))
    assert found == "there is no storage class 'x'; the cluster has late"
    assert isinstance(verdict("v1", "PersistentVolumeClaim", {}, {"phase": "Lost"}), Failed)


def test_a_definition_is_established_or_its_names_are_taken() -> None:
    kind = ("apiextensions.k8s.io/v1", "CustomResourceDefinition")
    assert verdict(*kind, {}, {"conditions": [{"type": "Established", "status": "True"}]}) == Ready()
    assert isinstance(verdict(*kind, {}, {}), Waiting)
    assert "taken" in reason(verdict(*kind, {}, {"conditions": [{"type": "NamesAccepted", "status": "False", "message": "m"}]}))


def test_namespaces_and_volumes_by_their_phase() -> None:
    assert verdict("v1", "Namespace", status={"phase": "Active"}) == Ready()
    assert isinstance(verdict("v1", "Namespace", status={"phase": "Terminating"}), Waiting)
    assert verdict("v1", "PersistentVolume", status={"phase": "Available"}) == Ready()
