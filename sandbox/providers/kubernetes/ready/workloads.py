"""Deployments, StatefulSets and DaemonSets: rolled out when `kubectl rollout status` says so.

https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status
"""

from sandbox.providers.kubernetes.objects import metadata
from sandbox.providers.kubernetes.ready.pods import reason_of
from sandbox.providers.kubernetes.ready.verdict import Failed, Ready, Related, Verdict, Waiting, because, condition, status
from sandbox.providers.plugin import Properties


def deployment(item: Properties, related: Related) -> Verdict:
    """Rolled out when all replicas are of the newest template and available, and no older ones are left."""
    if (item.get("spec") or {}).get("paused") is True:
        return Ready()
    if not _seen(item):
        return Waiting("the controller has not seen it yet")
    wanted = _replicas(item)
    new, all_, available = (_count(item, name) for name in ("updatedReplicas", "replicas", "availableReplicas"))
    if new >= wanted and all_ <= new and available >= wanted:
        return Ready()
    reason = reason_of(item, related)
    if condition(item, "Progressing").get("reason") == "ProgressDeadlineExceeded":
        return Failed(because(str(condition(item, "Progressing").get("message")), reason))
    if new >= wanted and available >= wanted:
        return Waiting(because(f"{all_ - new} pods of the former version are still there", reason))
    return Waiting(because(f"{min(new, available)}/{wanted} pods available", reason))


def stateful_set(item: Properties, related: Related) -> Verdict:
    """Rolled out when all replicas are ready and those above the partition are of the newest template."""
    if not _seen(item):
        return Waiting("the controller has not seen it yet")
    wanted, ready, new = _replicas(item), _count(item, "readyReplicas"), _count(item, "updatedReplicas")
    strategy = (item.get("spec") or {}).get("updateStrategy") or {}
    partition = (strategy.get("rollingUpdate") or {}).get("partition") or 0
    # The controller leaves updatedReplicas out once the newest revision is the current one.
    current = status(item).get("updateRevision") == status(item).get("currentRevision")
    if ready >= wanted and (strategy.get("type") == "OnDelete" or current or new >= wanted - partition):
        return Ready()
    return Waiting(because(f"{ready}/{wanted} pods ready", reason_of(item, related)))


def daemon_set(item: Properties, related: Related) -> Verdict:
    """Rolled out when every node that it selects runs an available pod of the newest template."""
    if not _seen(item):
        return Waiting("the controller has not seen it yet")
    wanted, available = _count(item, "desiredNumberScheduled"), _count(item, "numberAvailable")
    on_delete = ((item.get("spec") or {}).get("updateStrategy") or {}).get("type") == "OnDelete"
    if available >= wanted and (on_delete or _count(item, "updatedNumberScheduled") >= wanted):
        return Ready()
    return Waiting(because(f"{available}/{wanted} pods available", reason_of(item, related)))


def _seen(item: Properties) -> bool:
    return int(status(item).get("observedGeneration") or 0) >= int(metadata(item).get("generation") or 1)


def _replicas(item: Properties) -> int:
    wanted = (item.get("spec") or {}).get("replicas")
    return 1 if wanted is None else int(wanted)


def _count(item: Properties, name: str) -> int:
    return int(status(item).get(name) or 0)
