"""When an object is ready: pure functions over the object and what explains its state, one for each kind that has such a moment."""

from collections.abc import Callable
from typing import Final

from sandbox.providers.kubernetes.ready import network, others, pods, workloads
from sandbox.providers.kubernetes.ready.verdict import Failed, Ready, Related, Verdict, Waiting
from sandbox.providers.plugin import Properties

__all__ = ["CHECKS", "Check", "Failed", "Ready", "Related", "Verdict", "Waiting"]

Check = Callable[[Properties, Related], Verdict]

CHECKS: Final[dict[tuple[str, str], Check]] = {
    ("apps/v1", "Deployment"): workloads.deployment,
    ("apps/v1", "StatefulSet"): workloads.stateful_set,
    ("apps/v1", "DaemonSet"): workloads.daemon_set,
    ("batch/v1", "Job"): pods.job,
    ("v1", "Pod"): pods.pod,
    ("v1", "Service"): network.service,
    ("networking.k8s.io/v1", "Ingress"): network.ingress,
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition"): others.custom_resource_definition,
    ("v1", "PersistentVolumeClaim"): others.claim,
    ("v1", "PersistentVolume"): others.volume,
    ("v1", "Namespace"): others.namespace,
    ("v1", "Secret"): others.token_secret,
}
