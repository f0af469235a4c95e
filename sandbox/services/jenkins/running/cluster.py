"""The Kubernetes API."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sandbox.services.jenkins.running.ports import ClusterError, Connection, Manifest
from sandbox.services.jenkins.running.sockets import PIECE, PROTOCOL, TIMEOUT, WebSocket, failures, refusal

__all__ = ["ClusterError", "Kubernetes"]


class Kubernetes:
    """The cluster that this runs in, or that of a kubeconfig. Safe for several threads."""

    def __init__(self, kubeconfig: Path | None = None) -> None:
        # Imported on first use: it takes half a second.
        from kubernetes import client, config

        self._configuration: Any = client.Configuration()
        if kubeconfig is None:
            config.load_incluster_config(client_configuration=self._configuration)  # type: ignore[no-untyped-call]
        else:
            config.load_kube_config(str(kubeconfig), client_configuration=self._configuration)  # type: ignore[no-untyped-call]
        self._client: Any = client.ApiClient(self._configuration)

    def create(self, namespace: str, pod: Manifest) -> Manifest:
        """Create the pod and return it."""
        return self._json("POST", _pods(namespace), body=pod)

    def get(self, namespace: str, name: str) -> Manifest | None:
        """Return the pod, None if there is none."""
        try:
            return self._json("GET", _pods(namespace, name))
        except ClusterError as error:
            if error.status == 404:
                return None
            raise

    def list(self, namespace: str, selector: str) -> Sequence[Manifest]:
        """Return the pods with these labels."""
        return list(self._json("GET", _pods(namespace), {"labelSelector": selector}).get("items") or [])

    def delete(self, namespace: str, name: str, seconds: int | None = None) -> None:
        """Begin to delete the pod; no error if it is gone."""
        body = {"kind": "DeleteOptions", "apiVersion": "v1"} | ({} if seconds is None else {"gracePeriodSeconds": seconds})
        try:
            self._json("DELETE", _pods(namespace, name), body=body)
        except ClusterError as error:
            if error.status != 404:
                raise

    def events(self, namespace: str, name: str) -> Sequence[Manifest]:
        """Return what happened to the pod."""
        query = {"fieldSelector": f"involvedObject.kind=Pod,involvedObject.name={name}"}
        return list(self._json("GET", f"/api/v1/namespaces/{namespace}/events", query).get("items") or [])

    def tail(self, namespace: str, name: str, container: str) -> str:
        """Return the end of the container's log."""
        query = {"container": container, "tailLines": 20, "limitBytes": PIECE}
        return self._request("GET", _pods(namespace, name) + "/log", query).decode(errors="replace")

    def execute(self, namespace: str, name: str, container: str, command: Sequence[str]) -> Connection:
        """Start a process in a container."""
        from kubernetes.stream import ws_client

        query: list[tuple[str, str]] = [("command", part) for part in command] + [("container", container)]
        query += [(channel, "true") for channel in ("stdin", "stdout", "stderr")]
        address = self._configuration.host + _pods(namespace, name) + "/exec"
        with failures():
            url = ws_client.get_websocket_url(address, query)  # type: ignore[no-untyped-call]
            headers = self._headers() | {"sec-websocket-protocol": PROTOCOL}
            return WebSocket(ws_client.create_websocket(self._configuration, url, headers))  # type: ignore[no-untyped-call]

    def _json(self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Manifest | None = None) -> Manifest:
        answer = json.loads(self._request(method, path, query, body) or b"{}")
        return answer if isinstance(answer, dict) else {}

    def _request(self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Manifest | None = None) -> bytes:
        with failures():
            answer = self._client.rest_client.pool_manager.request(
                method,
                self._configuration.host + path,
                fields=dict(query or {}) if body is None else None,
                body=None if body is None else json.dumps(body),
                headers=self._headers() | {"Content-Type": "application/json"},
                timeout=TIMEOUT,
            )
        if answer.status >= 400:
            raise refusal(answer.status, answer.data)
        return bytes(answer.data)

    def _headers(self) -> dict[str, str]:
        headers: dict[str, str] = {"Accept": "application/json, */*"}
        # Asked each time: the kubelet renews the token.
        self._client.update_params_for_auth(headers, [], ["BearerToken"], "", "", None)
        return headers


def _pods(namespace: str, name: str = "") -> str:
    return f"/api/v1/namespaces/{namespace}/pods" + (f"/{name}" if name else "")
