"""A way to GitLab on which requests meet faults: an HTTP proxy, so that client and server are the real ones."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import urlsplit

FOR_EVER = 1_000_000


@dataclass
class Fault:
    """What the next `times` requests of a method to a matching path meet.

    kind: `status` answers with `status` instead of GitLab; `slow` hands on after `seconds`; `cut` breaks the connection before GitLab
    hears of the request, `lost` after it carried it out.
    """

    method: str
    path: str
    kind: Literal["status", "slow", "cut", "lost"]
    times: int = 1
    status: int = 503
    seconds: float = 1.0


class Proxy(ThreadingHTTPServer):
    """Hands on what meets no fault. `faults` are looked through in order; `met` lists those that were met."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.faults: list[Fault] = []
        self.met: list[str] = []
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def due(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets."""
        with self._lock:
            for fault in self.faults:
                if fault.times and fault.method == method and re.search(fault.path, path):
                    fault.times -= 1
                    self.met.append(f"{fault.kind} {method} {path}")
                    return fault
        return None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        """Any method: all are handed on alike."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        assert isinstance(self.server, Proxy)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        target = urlsplit(self.path)
        fault = self.server.due(self.command, target.path)
        kind = fault.kind if fault else ""
        if fault and kind == "status":
            self._answer(fault.status, {"Retry-After": f"{fault.seconds:.0f}"} if fault.status == 429 else {}, b'{"message":"unwell"}')
            return
        if fault and kind == "slow":
            time.sleep(fault.seconds)
        if kind != "cut":
            connection = HTTPConnection(target.netloc, timeout=60)
            headers = {name: value for name, value in self.headers.items() if name.lower() not in ("proxy-connection", "connection")}
            connection.request(self.command, target._replace(scheme="", netloc="").geturl(), body, headers)
            response = connection.getresponse()
            content = response.read()
            connection.close()
            if kind != "lost":
                self._answer(response.status, dict(response.getheaders()), content)
                return
        self.close_connection = True

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def proxy() -> Iterator[Proxy]:
    """A proxy that runs during the block."""
    with Proxy() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server
        server.shutdown()
