"""The last lines of a container's log: on a time-out they tell more than any state."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sandbox.providers.kubernetes.api import Api
from sandbox.providers.kubernetes.objects import metadata
from sandbox.providers.kubernetes.ready.verdict import is_true, status
from sandbox.providers.kubernetes.related import related_to
from sandbox.providers.kubernetes.transport import ApiError, UnreachableError
from sandbox.providers.plugin import Properties

LINES: Final = 10


def log_tail(api: Api, item: Properties) -> str:
    """Return what the first failing container of a pod or workload printed last, introduced in a line; empty where there is none."""
    pods = [item] if item.get("kind") == "Pod" else related_to(api, item).get("Pod", [])
    for pod, container in _failing(pods):
        # A container that waits to be started again has its say in the log of the run before.
        previous = "waiting" in (container.get("state") or {})
        place, name = metadata(pod), str(container.get("name"))
        try:
            lines = api.printed(str(place.get("namespace")), str(place["name"]), name, LINES, previous=previous)
        except (ApiError, UnreachableError):
            continue
        if lines:
            return f"The last lines of {place['name']}, container {name}:\n" + "".join(f"    {line}\n" for line in lines)
    return ""


def _failing(pods: Iterable[Properties]) -> Iterable[tuple[Properties, Mapping[str, Any]]]:
    """The containers that are not ready and have run, with their pods."""
    for pod in pods:
        if is_true(pod, "Ready") or status(pod).get("phase") == "Succeeded":
            continue
        for section in ("initContainerStatuses", "containerStatuses"):
            for container in status(pod).get(section) or []:
                ran = (
                    container.get("restartCount")
                    or "running" in (container.get("state") or {})
                    or "terminated" in (container.get("state") or {})
                )
                if not container.get("ready") and ran:
                    yield pod, container
