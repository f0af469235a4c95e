"""What a release waits for: the first of its objects that is not ready."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sandbox.providers.kubernetes.api import Api, MissingKindError
from sandbox.providers.kubernetes.awaiting import Waiter
from sandbox.providers.kubernetes.helm.cli import HelmError
from sandbox.providers.kubernetes.objects import metadata, title
from sandbox.providers.kubernetes.ready import CHECKS, Ready
from sandbox.providers.kubernetes.related import related_to
from sandbox.providers.kubernetes.tail import log_tail
from sandbox.providers.kubernetes.transport import ApiError, UnreachableError
from sandbox.providers.plugin import Properties

_FIRST = ("PersistentVolumeClaim", "Job", "Pod", "Deployment", "StatefulSet", "DaemonSet")
"""Kinds whose trouble explains the others': a Service is not ready because of its pods."""


@dataclass
class Progress:
    """What a running helm waits for, to be shown now and then, and kept for the error if it fails."""

    api: Api
    release: str
    namespace: str
    objects: Callable[[], Iterable[Properties]]
    waiter: Waiter
    culprit: str = ""
    item: Properties | None = None
    """The object that `culprit` tells of."""

    def look(self) -> None:
        """Find the first object that is not ready, and show it."""
        try:
            self.culprit, self.item = unready(self.api, self.namespace, self.objects())
        except HelmError:  # the release is not recorded yet, or not any more
            return
        self.waiter.show(f"helm is at work on {self.release}", self.culprit)

    def printed(self) -> str:
        """What the failing container of that object printed last, on lines of its own; empty where there is none."""
        tail = log_tail(self.api, self.item) if self.item else ""
        return f"\n{tail.rstrip()}" if tail else ""


def unready(api: Api, namespace: str, objects: Iterable[Properties]) -> tuple[str, Properties | None]:
    """Return which object of a release is not ready and why, and the object; empty where none is known to be."""
    for item in sorted(objects, key=lambda item: item["kind"] not in _FIRST):
        check = CHECKS.get((str(item.get("apiVersion")), str(item["kind"])))
        if check is None:
            continue
        try:
            kind = api.kind(item)
            place = metadata(item).get("namespace") or (namespace if kind.namespaced else None)
            live = api.get(kind, place, str(metadata(item)["name"]))
            verdict = check(live, related_to(api, live)) if live else Ready()  # one whose turn has not come, such as a later hook
        except (MissingKindError, ApiError, UnreachableError):
            continue
        if live and not isinstance(verdict, Ready):
            return f"{title(live)}: {verdict.reason}", live
    return "", None
