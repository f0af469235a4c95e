"""An API server in memory, as far as the provider talks to one: it keeps objects, and refuses what it is told to refuse."""

from collections.abc import Mapping
from typing import Any

from sandbox.providers.kubernetes.settings import Settings
from sandbox.providers.kubernetes.transport import ApiError, Kind, Transport
from sandbox.providers.plugin import Log, Properties

KINDS = {
    "ConfigMap": Kind("v1", "ConfigMap", "configmaps", True),
    "Secret": Kind("v1", "Secret", "secrets", True),
    "Namespace": Kind("v1", "Namespace", "namespaces", False),
}


class Cluster(Transport):
    """`refusals` are raised, one a request, before any request is served. `requests` are those that were served. Objects with finalizers
    stay when they are deleted. `phase` is the one of its namespaces."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(Settings(kubeconfig={}, **settings))
        self.phase = "Active"
        self.objects: dict[str, Properties] = {}
        self.refusals: list[Exception] = []
        self.requests: list[tuple[str, str, Mapping[str, Any]]] = []

    def kind(self, api_version: str, name: str) -> Kind | None:
        """Return one of the three kinds that it serves."""
        return KINDS.get(name)

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: Properties | None = None,
        content_type: str = "application/json",
    ) -> tuple[Properties, list[str]]:
        """Serve a request."""
        if self.refusals:
            raise self.refusals.pop(0)
        self.requests.append((method, path, {**(query or {}), **(body or {})}))
        if method == "PATCH":
            assert body is not None
            return self._apply(path, body, keep="dryRun" not in (query or {})), []
        if path not in self.objects:
            raise ApiError(404, "NotFound", f"{path} not found", {})
        if method == "DELETE" and not self.objects[path]["metadata"].get("finalizers"):
            return self.objects.pop(path), []
        return self.objects[path], []

    def _apply(self, path: str, body: Properties, *, keep: bool) -> Properties:
        item = {**body, "metadata": {"uid": "u", "resourceVersion": "1", "managedFields": [], **body["metadata"]}}
        if body["kind"] == "Namespace":
            item["status"] = {"phase": self.phase}
        if keep:
            self.objects[path] = item
        return item


class Messages(Log):
    """Keeps what was shown."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def status(self, message: str) -> None:
        """Keep it."""
        self.shown.append(message)

    def warning(self, message: str) -> None:
        """Keep it."""
        self.shown.append(message)


def conflict(manager: str, field: str) -> ApiError:
    """Return what an API server answers when another manager owns a field."""
    causes = [{"reason": "FieldManagerConflict", "message": f'conflict with "{manager}"', "field": field}]
    return ApiError(409, "Conflict", "Apply failed with 1 conflict", {"causes": causes})
