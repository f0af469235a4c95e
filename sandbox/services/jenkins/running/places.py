"""Containers of agents, and what may have happened to them."""

import time
from dataclasses import dataclass
from typing import Any, Final

from sandbox.services.jenkins.model import StepError
from sandbox.services.jenkins.running.ports import Cluster, ClusterError, Connection, Manifest

LATE_SECONDS: Final = 2.0
"""For how long a pod's status may be late."""
TICK: Final = 0.5


@dataclass(frozen=True)
class Place:
    """A container."""

    cluster: Cluster
    namespace: str
    pod: str
    container: str

    def connect(self, *arguments: str) -> Connection:
        """Start a shell, without arguments one that reads its program from its standard input. Raises StepError: with why it cannot."""
        try:
            return self.cluster.execute(self.namespace, self.pod, self.container, ["sh", *arguments])
        except ClusterError as error:
            raise StepError(lost(self) or f"cannot run a process in container {self.container} of pod {self.pod}: {error}") from None


def lost(place: Place, *, patient: bool = False) -> str | None:
    """Return why the pod cannot go on, None if it can. `patient`: it was seen to fail, and its status may be late."""
    end = time.monotonic() + (LATE_SECONDS if patient else 0)
    while True:
        try:
            pod = place.cluster.get(place.namespace, place.pod)
        except ClusterError:
            return None  # the API is away for a while: that says nothing about the pod
        reason = why_lost(pod, place.container)
        if reason:
            return f"Agent went offline: pod {place.pod} {reason}"
        if time.monotonic() >= end:
            return None
        time.sleep(TICK)


def why_lost(pod: Manifest | None, container: str) -> str | None:
    """Return what happened to the pod, or to a container of it; None if both run."""
    if pod is None:
        return "was deleted"
    status: dict[str, Any] = pod.get("status") or {}
    why = ": ".join(str(status[key]) for key in ("reason", "message") if status.get(key))
    if (pod.get("metadata") or {}).get("deletionTimestamp"):
        return f"was deleted: {why or 'somebody, or the cluster, deleted it'}"
    if status.get("phase") in ("Failed", "Succeeded"):
        return f"ended: {why or status['phase']}"
    for each in status.get("containerStatuses") or []:
        ended = (each.get("state") or {}).get("terminated")
        if each["name"] == container and ended:
            return f"lost its container {container} (exit code {ended.get('exitCode')}, reason: {ended.get('reason')})"
    return None
