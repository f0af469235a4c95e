"""What the operations on resources ask of the API server, tried again while it is starting or busy."""

import builtins
import json
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from threading import Event
from typing import Any, Final, TypeVar

import urllib3

from sandbox.providers.kubernetes.objects import metadata
from sandbox.providers.kubernetes.transport import ApiError, Kind, Transport, UnreachableError
from sandbox.providers.plugin import Log, Properties

PATIENCE: Final = 60.0
"""Seconds for which a request is tried again while the API server does not answer or says that it cannot at the moment."""
_BUSY: Final = frozenset({429, 500, 502, 503, 504})  # 500: the store elects a leader, or a webhook's pod is still starting
_Answer = TypeVar("_Answer")
_MALFORMED: Final = "failed to create typed patch object"  # an unknown field or wrong type, which server-side apply answers with 500
_APPLY: Final = "application/apply-patch+yaml"  # JSON is YAML: https://kubernetes.io/docs/reference/using-api/server-side-apply/


class MissingKindError(RuntimeError):
    """The API server does not serve a kind."""


@dataclass
class Api:
    """Requests on behalf of one operation, whose log shows what it waits for."""

    transport: Transport
    log: Log
    cancelled: Event
    patience: float = PATIENCE
    expected: float = 0.0
    """Seconds to wait for a kind or namespace that is missing: while creating, another resource of the same run may be bringing it."""

    def kind(self, item: Mapping[str, Any]) -> Kind:
        """Return the kind of an object. Raises MissingKindError, and ApiError and UnreachableError as everything here does."""

        def find() -> Kind:
            api_version, name = str(item.get("apiVersion")), str(item.get("kind"))
            if found := self.transport.kind(api_version, name):
                return found
            raise MissingKindError(
                f"the API server does not serve {name} of {api_version}; create its CustomResourceDefinition first (depends_on)"
            )

        return self._patiently(find)

    def get(self, kind: Kind, namespace: str | None, name: str) -> Properties | None:
        """Return an object, or None where there is none."""
        return self._patiently(lambda: self._unless_missing("GET", kind.path(namespace, name)))

    def refreshed(self, item: Mapping[str, Any]) -> Properties | None:
        """Return an object as it is now, or None where it is gone, another of the same name included."""
        found = metadata(item)
        current = self.get(self.kind(item), found.get("namespace"), found["name"])
        return current if current and metadata(current).get("uid") == found.get("uid") else None

    def list(self, api_version: str, kind: str, namespace: str | None, **selectors: str) -> list[Properties]:
        """Return the objects of a kind; `selectors` are `labelSelector` and `fieldSelector`. A kind not served has none."""
        found = self.transport.kind(api_version, kind)
        return self._patiently(lambda: self.transport.request("GET", found.path(namespace), selectors))[0].get("items", []) if found else []

    def apply(self, kind: Kind, item: Properties, manager: str, *, force: bool, dry_run: bool) -> Properties:
        """Apply an object under a field manager, and return it as it is now. Unknown fields are warned of."""
        found = metadata(item)
        query = {"fieldManager": manager, "force": str(force).lower(), "fieldValidation": "Warn"}
        if dry_run:
            query["dryRun"] = "All"
        path = kind.path(found.get("namespace"), found["name"])
        answer, warnings = self._patiently(lambda: self.transport.request("PATCH", path, query, item, _APPLY))
        for warning in warnings:
            self.log.warning(warning.split('"')[1] if '"' in warning else warning)
        return answer

    def delete(self, kind: Kind, namespace: str | None, name: str, propagation: str) -> bool:
        """Ask for the deletion of an object, and return whether there was one."""
        options: Properties = {"propagationPolicy": propagation}
        return self._patiently(lambda: self._unless_missing("DELETE", kind.path(namespace, name), options)) is not None

    def printed(self, namespace: str, pod: str, container: str, lines: int, *, previous: bool) -> "builtins.list[str]":
        """Return the last lines that a container printed; with `previous` in the run before the present one. Raises as `kind` does."""
        query = {"container": container, "tailLines": str(lines), "previous": str(previous).lower()}
        with self.transport.stream("GET", f"/api/v1/namespaces/{namespace}/pods/{pod}/log", query) as response:
            return response.data.decode(errors="replace").splitlines()

    def await_change(self, item: Mapping[str, Any], seconds: int) -> None:
        """Return as soon as an object is changed or deleted, at the latest after so many seconds."""
        found = metadata(item)
        query = {
            "watch": "true",
            "fieldSelector": f"metadata.name={found['name']}",
            "resourceVersion": found["resourceVersion"],
            "timeoutSeconds": str(seconds),
        }
        start = time.monotonic()
        try:
            with (
                self.transport.stream("GET", self.kind(item).path(found.get("namespace")), query) as response,
                closing(_lines(response)) as lines,
            ):
                changed = json.loads(next(lines, b"{}"))
        except (ApiError, UnreachableError, MissingKindError, ValueError):
            changed = {}
        if changed.get("type") not in ("ADDED", "MODIFIED", "DELETED"):  # an error, such as an outdated version, ends a watch at once
            self.cancelled.wait(max(0.0, seconds - (time.monotonic() - start)))

    def _unless_missing(self, method: str, path: str, body: Properties | None = None) -> Properties | None:
        try:
            return self.transport.request(method, path, body=body)[0]
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def _patiently(self, call: Callable[[], _Answer]) -> _Answer:
        """Try again, with growing pauses, what fails because the API server is not there yet or is busy."""
        start = time.monotonic()
        pause = 0.5
        while True:
            try:
                return call()
            except (UnreachableError, ApiError, MissingKindError) as error:
                if self.cancelled.is_set() or time.monotonic() - start + pause > self._worth(error):
                    if isinstance(error, UnreachableError):
                        self.transport.given_up = max(self.transport.given_up, self.patience)
                    raise
                self.log.status(f"trying again in {pause:.1f} s: {error}")
            self.cancelled.wait(pause)
            pause = min(pause * 2, 8.0)

    def _worth(self, error: Exception) -> float:
        """Return for how many seconds a failed request is worth another try."""
        if isinstance(error, UnreachableError):
            return 0.0 if self.transport.given_up >= self.patience else self.patience
        if isinstance(error, ApiError) and error.status in _BUSY:
            return 0.0 if _MALFORMED in str(error) else self.patience
        # A namespace's service account comes a moment after it: https://github.com/kubernetes/kubernetes/issues/66689
        missing = isinstance(error, MissingKindError) or (
            isinstance(error, ApiError) and (absent_namespace(error) or "serviceaccount" in str(error))
        )
        return self.expected if missing else 0.0


def absent_namespace(error: ApiError) -> bool:
    """Whether a request failed because the namespace of its object does not exist."""
    return error.status == 404 and error.details.get("kind") == "namespaces"


def _lines(response: urllib3.BaseHTTPResponse) -> Generator[bytes]:
    """Yield the lines of an answer as they arrive."""
    rest = b""
    for piece in response.stream(None, decode_content=True):
        *lines, rest = (rest + piece).split(b"\n")
        yield from lines
