"""Lists of the Kubernetes API over HTTPS, with the pod's own service account."""

import json
import logging
import os
import ssl
import time
from collections.abc import Callable, Iterator
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.request import Request, urlopen

from .options import ACCOUNT

Object = dict[str, Any]
"""A Kubernetes object as the API gives it in JSON."""

log = logging.getLogger(__name__)

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
        """The list at `path`. Raises one of `ERRORS`."""
        with self._open(path) as response:
            result: Object = json.load(response)
        return result

    def watch(self, path: str) -> Iterator[Object]:
        """The events of a list's path, until the server ends the watch. Raises one of `ERRORS`."""
        with self._open(path) as response:
            for line in response:
                yield json.loads(line)

    def _open(self, path: str) -> HTTPResponse:
        # Read each time: the kubelet renews the token.
        headers = {"Authorization": f"Bearer {(ACCOUNT / 'token').read_text()}"}
        response: HTTPResponse = urlopen(Request(self._server + path, headers=headers), timeout=SILENCE_SECONDS, context=self._tls)
        return response


def listed(api: Api, path: str) -> Object:
    """The list at `path`, asked for until it is there."""
    while True:
        try:
            return api.get(path)
        except ERRORS as error:
            log.warning("listing %s: %s; trying again", path, error)
            time.sleep(RETRY_SECONDS)


def follow(api: Api, path: str, found: Callable[[list[Object]], None]) -> None:
    """Call `found` with all objects of a list now and after every change, for ever. A broken watch begins anew, with the list."""
    while True:
        now = listed(api, path)
        found(now["items"])
        since = now["metadata"]["resourceVersion"]
        try:
            _until_changed(api, f"{path}&watch=1&allowWatchBookmarks=true&timeoutSeconds={WATCH_SECONDS}&resourceVersion={since}")
        except ERRORS as error:
            log.warning("watching %s: %s; trying again", path, error)
            time.sleep(RETRY_SECONDS)


def _until_changed(api: Api, path: str) -> None:
    for event in api.watch(path):
        if event["type"] == "ERROR":
            raise OSError(event["object"].get("message", "the watch failed"))
        if event["type"] != "BOOKMARK":
            return
