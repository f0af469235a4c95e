"""The transport against a server that is unwell for a while."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from stacks import patience
from stacks.patience import PAUSES, PatientTransport


class Unwell(BaseHTTPRequestHandler):
    """Meets each request with the next fault of its server: a status, or 0 for a connection that breaks."""

    def do_GET(self) -> None:
        assert isinstance(self.server, Server)
        fault = self.server.faults.pop(0) if self.server.faults else 200
        if not fault:
            self.close_connection = True
            return
        self.send_response(fault)
        self.send_header("Content-Length", "0")
        if fault == 429:
            self.send_header("Retry-After", "17")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class Server(ThreadingHTTPServer):
    faults: list[int]


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Unwell) as made:
        threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield made
        made.shutdown()


@pytest.fixture
def paused(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []
    monkeypatch.setattr(patience.time, "sleep", pauses.append)  # type: ignore[attr-defined]
    return pauses


def ask(server: Server) -> int:
    with httpx.Client(transport=PatientTransport()) as client:
        return client.get(f"http://127.0.0.1:{server.server_port}/").status_code


@pytest.mark.parametrize("faults", [[], [503], [0, 0], [500, 0, 502]], ids=str)
def test_a_fault_that_passes_is_not_noticed(server: Server, paused: list[float], faults: list[int]) -> None:
    server.faults = list(faults)
    assert ask(server) == 200
    assert paused == list(PAUSES[: len(faults)])


def test_the_server_says_how_long_to_wait_but_not_for_ever(server: Server, paused: list[float]) -> None:
    server.faults = [429]
    assert ask(server) == 200
    assert paused == [patience.LONGEST_PAUSE]


def test_a_fault_that_stays_is_the_answer(server: Server, paused: list[float]) -> None:
    server.faults = [503] * 9
    assert ask(server) == 503
    server.faults = [0] * 9
    with pytest.raises(httpx.RemoteProtocolError):
        ask(server)


def test_what_waiting_cannot_mend_is_said_at_once(server: Server, paused: list[float]) -> None:
    server.faults = [401]
    assert ask(server) == 401
    assert paused == []
