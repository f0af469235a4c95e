"""Requests to the API server: the usual client's authentication and connections, errors that can be told apart, and discovery.

The client's own dynamic discovery reads every API group, which takes seconds; only the groups in use are read here.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import urllib3

from sandbox.providers.kubernetes.settings import Settings
from sandbox.providers.plugin import Properties

if TYPE_CHECKING:
    from kubernetes.client import ApiClient

_TIMEOUT: Final = 60.0


class UnreachableError(RuntimeError):
    """The API server did not answer."""


class ApiError(RuntimeError):
    """The API server refused a request. `reason` is its own word, such as `NotFound`; `details` name the object and the causes."""

    def __init__(self, status: int, reason: str, message: str, details: Properties) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.details = details

    @property
    def causes(self) -> list[Properties]:
        """What exactly is wrong: entries with `reason`, `message` and `field`."""
        return self.details.get("causes") or []


@dataclass(frozen=True)
class Kind:
    """A kind that the API server serves."""

    api_version: str
    name: str
    plural: str
    namespaced: bool

    def path(self, namespace: str | None, name: str | None = None) -> str:
        """Return the address of an object, or of all objects in a namespace, or (None) of all of the cluster."""
        root = f"/apis/{self.api_version}" if "/" in self.api_version else f"/api/{self.api_version}"
        place = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return f"{root}{place}/{self.plural}" + (f"/{name}" if name else "")


@dataclass
class Transport:
    """One connection pool to one cluster, for all threads."""

    settings: Settings
    given_up: float = 0.0
    """For how many seconds the last request was tried in vain: others are not that patient again, or a destroy without a cluster takes
    for ever. Previews are less patient than operations, which may come while the API server is starting."""
    _lock: Lock = field(default_factory=Lock)
    _client: "ApiClient | None" = None
    _kinds: dict[str, dict[str, Kind]] = field(default_factory=dict)

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: Properties | None = None,
        content_type: str = "application/json",
    ) -> tuple[Properties, list[str]]:
        """Send a request, and return the answer and the server's warnings. Raises ApiError and UnreachableError."""
        with self.stream(method, path, query, body, content_type) as response:
            answer = response.data
            return json.loads(answer) if answer else {}, response.headers.getlist("Warning")

    @contextmanager
    def stream(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: Properties | None = None,
        content_type: str = "application/json",
    ) -> Iterator[urllib3.BaseHTTPResponse]:
        """Send a request whose answer is read piece by piece (a watch). Raises ApiError and UnreachableError."""
        client = self._connected()
        address = client.configuration.host + path + (f"?{urlencode(query)}" if query else "")
        headers = {"Content-Type": content_type, "Accept": "application/json", "User-Agent": "pulumi-kubernetes"}
        client.update_params_for_auth(headers, [], ["BearerToken"], path, method, body)
        try:
            response = client.rest_client.pool_manager.request(
                method,
                address,
                headers=headers,
                body=json.dumps(body) if body is not None else None,
                preload_content=False,
                retries=False,
                timeout=urllib3.Timeout(connect=10, read=_TIMEOUT),
            )
            self.given_up = 0.0
            try:
                if response.status >= 400:
                    raise _refusal(response.status, response.data)
                yield response
            finally:
                response.close()  # a watch is left half-read; an answer that was read whole has gone back to the pool already
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise UnreachableError(f"the API server at {client.configuration.host} does not answer: {error}") from error

    def kind(self, api_version: str, name: str) -> Kind | None:
        """Return a kind, or None where the API server does not serve it (yet). Only what was found is kept."""
        with self._lock:
            known = self._kinds.get(api_version, {})
        if name not in known:
            known = self._discover(api_version)
            with self._lock:
                self._kinds[api_version] = known
        return known.get(name)

    def _discover(self, api_version: str) -> dict[str, Kind]:
        root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        try:
            answer, _ = self.request("GET", root)
        except ApiError as error:
            if error.status == 404:
                return {}
            raise
        return {
            entry["kind"]: Kind(api_version, entry["kind"], entry["name"], bool(entry["namespaced"]))
            for entry in answer.get("resources", [])
            if "/" not in entry["name"]  # such as `deployments/scale`
        }

    def _connected(self) -> "ApiClient":
        with self._lock:
            if self._client is None:
                # Imported on first use: it takes half a second, and a plugin starts for every run.
                from kubernetes import config

                if self.settings.kubeconfig is None:
                    raise UnreachableError("the provider's kubeconfig is not known yet")
                self._client = config.new_client_from_config_dict(  # type: ignore[no-untyped-call]
                    self.settings.kubeconfig, context=self.settings.context
                )
            return self._client


def _refusal(status: int, body: bytes) -> ApiError:
    try:
        answer = json.loads(body)
    except ValueError:
        answer = {}
    if not isinstance(answer, dict) or answer.get("kind") != "Status":
        answer = {"message": f"HTTP status {status}: {body[:300].decode(errors='replace')}"}
    return ApiError(
        status, str(answer.get("reason") or ""), str(answer.get("message") or f"HTTP status {status}"), answer.get("details") or {}
    )
