"""The start of a pod: until all its containers are ready, or until it is clear that they will not be."""

import time
from collections.abc import Callable
from typing import Any, Final

from sandbox.services.jenkins.model import ABORTED, StepError
from sandbox.services.jenkins.running.ports import Cluster, ClusterError, Manifest

IMAGE_REASONS: Final = (
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "RegistryUnavailable",
    "ImageInspectError",
)
OTHER_REASONS: Final = ("CreateContainerConfigError", "CreateContainerError", "RunContainerError", "CrashLoopBackOff")
HOPELESS: Final = ("InvalidImageName",)


class Start:
    """Waits for one pod. `say` writes a line; `patience`: for how long a failing image is tried; `seconds`: for how long everything."""

    def __init__(self, cluster: Cluster, namespace: str, name: str, say: Callable[[str], None], *, patience: float, seconds: float,
                 tick: float, stopped: Callable[[], StepError | None]) -> None:  # fmt: skip
        self._cluster, self._namespace, self._name, self._say, self._stopped = cluster, namespace, name, say, stopped
        self._patience, self._seconds, self._tick = patience, seconds, tick
        self._told: set[str] = set()
        self._hindered: float | None = None

    def wait(self) -> Manifest:
        """Return the pod once it is ready. Raises StepError: what hinders it, or what `stopped` returns."""
        begun = time.monotonic()
        while True:
            reason = self._stopped()
            if reason:
                raise reason
            try:
                if self._ready(pod := self._pod()):
                    return pod
                self._report()
            except ClusterError as error:
                self._once(f"Waiting for agent {self._name}: {error}")
            if time.monotonic() - begun > self._seconds:
                raise StepError(f"agent {self._name} was not ready within {self._seconds:.0f} s: see what hinders its pod above")
            time.sleep(self._tick)

    def _pod(self) -> Manifest:
        pod = self._cluster.get(self._namespace, self._name)
        if pod is None or pod.get("metadata", {}).get("deletionTimestamp"):
            raise StepError(f"Agent went offline: pod {self._name} was deleted before it was ready")
        return pod

    def _ready(self, pod: Manifest) -> bool:
        status = pod.get("status") or {}
        if status.get("phase") in ("Failed", "Succeeded"):
            why = ": ".join(str(status[key]) for key in ("reason", "message") if status.get(key)) or self._ended(status)
            raise StepError(f"pod {self._name} ended before it was ready: {why or status['phase']}")
        hindered = False
        for each in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
            hindered |= self._look(each, init=each in (status.get("initContainerStatuses") or []))
        if not hindered:
            self._hindered = None
        found = status.get("containerStatuses") or []
        return status.get("phase") == "Running" and len(found) == len(pod["spec"]["containers"]) and all(each["ready"] for each in found)

    def _look(self, container: dict[str, Any], *, init: bool) -> bool:
        """Tell whether something hinders a container. Raises StepError if it is in vain to wait on."""
        state = container.get("state") or {}
        if state.get("terminated") and not init:
            self._logs(container["name"])
            raise StepError(f"Container {container['name']} of pod {self._name} was terminated ({_terminated(state['terminated'])})")
        waiting = state.get("waiting") or {}
        reason = waiting.get("reason")
        if reason not in IMAGE_REASONS + OTHER_REASONS:
            return False
        message = f"{reason}: {waiting.get('message') or 'no message'}"
        self._once(f"Container {container['name']} of pod {self._name} waits: {message}")
        now = time.monotonic()
        self._hindered = self._hindered if self._hindered is not None else now
        if reason not in HOPELESS and now - self._hindered < self._patience:
            return True
        self._report()
        if reason in IMAGE_REASONS:
            self._say(f'Unable to pull container image "{container.get("image")}". Check if image tag name is spelled correctly.')
            raise StepError(f"Queue task was cancelled: {message}", ABORTED)
        raise StepError(f"Container {container['name']} of pod {self._name} cannot start: {message}")

    def _ended(self, status: dict[str, Any]) -> str:
        for each in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
            ended = (each.get("state") or {}).get("terminated")
            if ended and ended.get("exitCode"):
                self._logs(each["name"])
                return f"container {each['name']} was terminated ({_terminated(ended)})"
        return ""

    def _report(self) -> None:
        """Write what the cluster warns of."""
        for event in self._cluster.events(self._namespace, self._name):
            if event.get("type") == "Warning":
                where = f"[Warning][{self._namespace}/{self._name}][{event.get('reason')}]"
                self._once(f"{where} {' '.join(str(event.get('message') or '').split())}")

    def _logs(self, container: str) -> None:
        try:
            text = self._cluster.tail(self._namespace, self._name, container)
        except ClusterError:
            return
        for line in text.splitlines():
            self._say(f"{container}: {line}")

    def _once(self, line: str) -> None:
        if line not in self._told:
            self._told.add(line)
            self._say(line)


def _terminated(state: dict[str, Any]) -> str:
    return f"Exit Code: {state.get('exitCode')}, Reason: {state.get('reason')}"
