"""The Kubernetes API over HTTPS, with the pod's own service account."""

import json
import logging
import os
import ssl
import threading
import time
from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from .routes import Object

log = logging.getLogger(__name__)

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
RETRY_SECONDS = 1.0
# The server sends a bookmark about every minute: a connection that is silent for longer is dead.
WATCH_SECONDS = 300
SILENCE_SECONDS = 90.0
ERRORS = (OSError, HTTPException, json.JSONDecodeError)


class Api:
    """Talks to the API server that the pod's environment names."""

    def __init__(self) -> None:
        self._server = f"https://{os.environ['KUBERNETES_SERVICE_HOST']}:{os.environ['KUBERNETES_SERVICE_PORT']}"
        self._tls = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))

    def get(self, path: str) -> Object:
        """The object or list at `path`, such as `/api/v1/services`. Raises one of `ERRORS`."""
        with self._open(Request(self._server + path)) as response:
            result: Object = json.load(response)
        return result

    def patch(self, path: str, body: Object) -> None:
        """Merges `body` into the object at `path`. Raises one of `ERRORS`."""
        headers = {"Content-Type": "application/merge-patch+json"}
        request = Request(self._server + path, json.dumps(body).encode(), headers, method="PATCH")
        with self._open(request) as response:
            response.read()

    def watch(self, path: str) -> Iterator[dict[str, Any]]:
        """The watch events of a list's path, until the server ends the watch. Raises one of `ERRORS`."""
        with self._open(Request(self._server + path)) as response:
            for line in response:
                yield json.loads(line)

    def _open(self, request: Request) -> HTTPResponse:
        # Read each time: the kubelet renews the token.
        request.add_header("Authorization", f"Bearer {(ACCOUNT / 'token').read_text()}")
        response: HTTPResponse = urlopen(request, timeout=SILENCE_SECONDS, context=self._tls)
        return response


class Mirror:
    """A local copy of all objects of one kind, kept current by list and watch in a thread of its own.

    Args:
        api: where the objects are.
        path: the kind's list, such as `/api/v1/services`.
        changed: set whenever the copy changes.
        selector: a field selector, such as `type=kubernetes.io/tls`.
    """

    def __init__(self, api: Api, path: str, changed: threading.Event, selector: str = "") -> None:
        self._api, self._path, self._changed = api, path, changed
        self._query = f"?fieldSelector={selector}"
        self._objects: dict[str, Object] = {}
        self._lock = threading.Lock()
        self.filled = threading.Event()

    def objects(self) -> list[Object]:
        """The objects as last seen; not to be modified."""
        with self._lock:
            return list(self._objects.values())

    def run(self) -> None:
        """Lists and watches for ever; after a failure it starts again with the list."""
        while True:
            try:
                version = self._list()
                while True:
                    version = self._follow(version)
            except ERRORS as error:
                log.warning("watching %s: %s; trying again", self._path, error)
                time.sleep(RETRY_SECONDS)

    def _list(self) -> str:
        found = self._api.get(self._path + self._query)
        with self._lock:
            self._objects = {item["metadata"]["uid"]: item for item in found["items"]}
        self.filled.set()
        self._changed.set()
        return str(found["metadata"]["resourceVersion"])

    def _follow(self, version: str) -> str:
        """Applies events from `version` on; returns where to go on. Raises OSError if that version is gone."""
        watch = f"&watch=1&allowWatchBookmarks=true&timeoutSeconds={WATCH_SECONDS}&resourceVersion={version}"
        for event in self._api.watch(self._path + self._query + watch):
            kind, item = event["type"], event["object"]
            if kind == "ERROR":
                raise OSError(item.get("message", "the watch failed"))
            version = item["metadata"]["resourceVersion"]
            if kind != "BOOKMARK":
                self._apply(kind, item)
        return version

    def _apply(self, kind: str, item: Object) -> None:
        with self._lock:
            if kind == "DELETED":
                self._objects.pop(item["metadata"]["uid"], None)
            else:
                self._objects[item["metadata"]["uid"]] = item
        self._changed.set()
