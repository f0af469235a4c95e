"""Pods and Jobs, and why the pods of a workload are not ready."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sandbox.providers.kubernetes.objects import metadata
from sandbox.providers.kubernetes.ready.verdict import Failed, Ready, Related, Verdict, Waiting, because, condition, is_true, status
from sandbox.providers.plugin import Properties

_ON_THEIR_WAY: Final = frozenset({"", "ContainerCreating", "PodInitializing"})


def pod(item: Properties, related: Related) -> Verdict:
    """A pod is ready when its containers are, or when it has run to its end."""
    phase = status(item).get("phase")
    if is_true(item, "Ready") or phase == "Succeeded":
        return Ready()
    reason = pod_reason(item, related.get("Event", []))
    return Failed(because("the pod failed", reason)) if phase == "Failed" else Waiting(reason)


def job(item: Properties, related: Related) -> Verdict:
    """A job is ready when it is complete, or suspended by its author."""
    if is_true(item, "Complete") or is_true(item, "SuccessCriteriaMet") or (item.get("spec") or {}).get("suspend") is True:
        return Ready()
    reason = reason_of(item, related)
    if is_true(item, "Failed"):
        return Failed(because(str(condition(item, "Failed").get("message") or "the job failed"), reason))
    wanted = (item.get("spec") or {}).get("completions") or 1
    return Waiting(because(f"{status(item).get('succeeded') or 0}/{wanted} pods completed", reason))


def reason_of(item: Properties, related: Related) -> str:
    """Return why a workload's pods are not ready: the newest such pod's reason, or why there is no pod; empty if nothing is known."""
    events = related.get("Event", [])
    pods = [found for found in related.get("Pod", []) if not is_true(found, "Ready") and status(found).get("phase") != "Succeeded"]
    for found in sorted(pods, key=lambda found: str(metadata(found).get("creationTimestamp")), reverse=True):
        if not metadata(found).get("deletionTimestamp"):
            return because(f"pod {metadata(found).get('name')}", pod_reason(found, events))
    return str(condition(item, "ReplicaFailure").get("message") or last_event(item, events))


def pod_reason(item: Mapping[str, Any], events: list[Properties]) -> str:
    """Return why a pod is not ready: a container's state, the scheduler's message, the last warning, or its phase."""
    for name, reason in _container_reasons(item):
        if reason.partition(":")[0] not in _ON_THEIR_WAY:
            return because(f"container {name}", reason)
    unscheduled = condition(item, "PodScheduled")
    if unscheduled.get("status") == "False":
        return because("not scheduled", str(unscheduled.get("message") or unscheduled.get("reason") or ""))
    if event := last_event(item, events):
        return event
    waiting = [name for name, _ in _container_reasons(item)]
    return str(
        status(item).get("message") or (f"container {waiting[0]} is starting" if waiting else status(item).get("phase") or "not started")
    )


def last_event(item: Mapping[str, Any], events: list[Properties]) -> str:
    """Return the last warning about an object, empty where there is none."""
    found = metadata(item)
    about = [
        event
        for event in events
        if (event.get("involvedObject") or {}).get("name") == found.get("name")
        and (event.get("involvedObject") or {}).get("uid") in (None, "", found.get("uid"))
        and event.get("type") == "Warning"
    ]
    if not about:
        return ""
    last = max(
        about, key=lambda event: str(event.get("lastTimestamp") or event.get("eventTime") or metadata(event).get("creationTimestamp"))
    )
    return because(str(last.get("reason") or ""), str(last.get("message") or "").strip())


def _container_reasons(item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the containers that are not ready, with their state."""
    for section in ("initContainerStatuses", "containerStatuses"):
        for entry in status(item).get(section) or []:
            if entry.get("ready"):
                continue
            state, last = entry.get("state") or {}, entry.get("lastState") or {}
            name = str(entry.get("name"))
            if waiting := state.get("waiting"):
                yield name, because(str(waiting.get("reason") or ""), _ended(last.get("terminated")) or str(waiting.get("message") or ""))
            elif ended := state.get("terminated"):
                if ended.get("exitCode") or section == "containerStatuses":
                    yield name, _ended(ended)
            elif "running" in state and section == "containerStatuses":
                yield name, "running, but its readiness probe does not succeed"


def _ended(ended: Mapping[str, Any] | None) -> str:
    if not ended:
        return ""
    reason = "" if ended.get("reason") in ("Error", "Completed") else str(ended.get("reason") or "")
    parts = [f"exit code {ended.get('exitCode')}", reason, str(ended.get("message") or "").strip()[-300:]]
    return ", ".join(part for part in parts if part)
