"""The Kubernetes API as a small server answers it: requests, refusals, and processes over the WebSocket."""

import base64
import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from websocket import ABNF
from websocket._abnf import frame_buffer

from sandbox.services.jenkins.model import StepError
from sandbox.services.jenkins.running import exec
from sandbox.services.jenkins.running.cluster import ClusterError, Kubernetes
from sandbox.services.jenkins.running.places import Place
from sandbox.services.jenkins.running.sockets import PROTOCOL

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@dataclass
class Api:
    """What the server answers and was asked. `frames`: what a process sends, as channel and data; None ends the connection rudely."""

    pod: dict[str, Any] | None = None
    frames: list[tuple[int, bytes] | None] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, list[str]]]] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    received: bytes = b""
    wanted: int = 0
    tokens: set[str] = field(default_factory=set)


def handler(api: Api) -> type[BaseHTTPRequestHandler]:
    """Make what answers."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self._note()
            if path.endswith("/exec"):
                return self._process()
            if path.endswith("/pods"):
                return self._answer(200, {"items": [api.pod] if api.pod else []})
            if path.endswith("/events"):
                return self._answer(200, {"items": [{"reason": "Failed"}]})
            return self._answer(200, api.pod) if api.pod else self._answer(404, {"message": 'pods "x" not found'})

        def do_POST(self) -> None:
            self._note()
            self._answer(201, api.bodies[-1])

        def do_DELETE(self) -> None:
            self._note()
            self._answer(200, {}) if api.pod else self._answer(404, {"message": "gone"})

        def log_message(self, format: str, *args: Any) -> None:
            return

        def _note(self) -> str:
            parts = urlsplit(self.path)
            api.tokens.add(self.headers.get("Authorization", ""))
            api.asked.append((self.command, parts.path, parse_qs(parts.query)))
            api.bodies.append(json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null"))
            return parts.path

        def _answer(self, status: int, body: Any) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def _process(self) -> None:
            if api.pod is None:
                return self._answer(404, {"message": 'pods "x" not found'})
            key = base64.b64encode(hashlib.sha1((self.headers["Sec-WebSocket-Key"] + GUID).encode()).digest()).decode()
            assert self.headers["Sec-WebSocket-Protocol"] == PROTOCOL
            self.send_response(101)
            for name, value in {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": key}.items():
                self.send_header(name, value)
            self.send_header("Sec-WebSocket-Protocol", PROTOCOL)
            self.end_headers()
            self.close_connection = True
            read = frame_buffer(lambda size: self.rfile.read(min(size, 1)) if size else b"", True)
            while len(api.received) < api.wanted:
                frame = read.recv_frame()
                assert frame.data[0] == 0
                assert isinstance(frame.data, bytes)
                api.received += frame.data[1:]
            for each in api.frames:
                if each is None:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return None
                self.wfile.write(_frame(bytes([each[0]]) + each[1]))
            self.wfile.write(_frame(b"\x03\xe8", ABNF.OPCODE_CLOSE))
            return None

    return Handler


def _frame(data: bytes, kind: int = ABNF.OPCODE_BINARY) -> bytes:
    """A frame as servers send it: not masked."""
    size = len(data)
    head = bytes([size]) if size < 126 else b"\x7e" + size.to_bytes(2, "big") if size < 65536 else b"\x7f" + size.to_bytes(8, "big")
    return bytes([0x80 | kind]) + head + data


@contextmanager
def serving(api: Api) -> Iterator[str]:
    """The address of the server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(api))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def api() -> Api:
    """A cluster with one pod."""
    return Api({"metadata": {"name": "x"}, "spec": {}, "status": {"phase": "Running"}})


@pytest.fixture
def cluster(api: Api, tmp_path: Path) -> Iterator[Kubernetes]:
    """A client of it."""
    with serving(api) as url:
        entry = {"name": "x", "cluster": {"server": url}}
        context = {"name": "x", "context": {"cluster": "x", "user": "x"}}
        config = {"clusters": [entry], "contexts": [context], "current-context": "x", "users": [{"name": "x", "user": {"token": "t0ken"}}]}
        (tmp_path / "config").write_text(yaml.safe_dump(config))
        yield Kubernetes(tmp_path / "config")


STATUS = {"status": "Failure", "reason": "NonZeroExitCode", "details": {"causes": [{"reason": "ExitCode", "message": "7"}]}}


def place(cluster: Kubernetes) -> Place:
    """The container."""
    return Place(cluster, "agents", "x", "tools")


def never() -> None:
    """Nobody stops it."""


def test_requests(api: Api, cluster: Kubernetes) -> None:
    assert cluster.create("agents", {"kind": "Pod"}) == {"kind": "Pod"}
    assert cluster.get("agents", "x") == api.pod
    assert cluster.list("agents", "a=b") == [api.pod]
    assert cluster.events("agents", "x") == [{"reason": "Failed"}]
    cluster.delete("agents", "x", 0)
    assert api.bodies[-1]["gracePeriodSeconds"] == 0
    base = "/api/v1/namespaces/agents"
    assert [(method, path) for method, path, _ in api.asked] == [
        ("POST", f"{base}/pods"), ("GET", f"{base}/pods/x"), ("GET", f"{base}/pods"), ("GET", f"{base}/events"),
        ("DELETE", f"{base}/pods/x"),
    ]  # fmt: skip
    assert api.asked[2][2] == {"labelSelector": ["a=b"]}
    assert api.tokens == {"Bearer t0ken"}


def test_what_is_gone(api: Api, cluster: Kubernetes) -> None:
    api.pod = None
    assert cluster.get("agents", "x") is None
    cluster.delete("agents", "x")
    with pytest.raises(StepError, match="Agent went offline: pod x was deleted"):
        place(cluster).connect()


def test_a_process(api: Api, cluster: Kubernetes) -> None:
    program = "#" * 100_000
    api.wanted = len(program)
    api.frames = [(1, b""), (1, b"one "), (2, b"aside"), (1, b"x" * 70_000), (3, json.dumps(STATUS).encode())]
    out, err = bytearray(), bytearray()
    assert exec.run(place(cluster), program, out=out.extend, err=err.extend, stopped=never) == 7
    assert bytes(out) == b"one " + b"x" * 70_000
    assert bytes(err) == b"aside"
    assert api.received == program.encode()
    query = api.asked[-1][2]
    assert query == {"command": ["sh"], "container": ["tools"], "stdin": ["true"], "stdout": ["true"], "stderr": ["true"]}


@pytest.mark.parametrize("end", [[], [None]])
def test_a_connection_that_breaks(api: Api, cluster: Kubernetes, end: list[None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exec, "LINGER_SECONDS", 0.0)
    api.frames = [(1, b"begun"), *end]
    with pytest.raises(StepError, match="Agent went offline: the connection to pod x broke"):
        exec.run(place(cluster), "x", out=lambda data: None, err=lambda data: None, stopped=never)


def test_a_cluster_that_does_not_answer(tmp_path: Path, cluster: Kubernetes) -> None:
    cluster._configuration.host = "http://127.0.0.1:1"
    with pytest.raises(ClusterError, match="the Kubernetes API does not answer"):
        cluster.execute("agents", "x", "tools", ["sh"])
