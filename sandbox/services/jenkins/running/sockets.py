"""The WebSocket of the API server, and the errors of its clients."""

import json
import select
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sandbox.services.jenkins.running.ports import STDIN, ClusterError

# The fourth protocol: the fifth can close the standard input, which is not used here.
PROTOCOL: Final = "v4.channel.k8s.io"
PIECE: Final = 1 << 16
TIMEOUT: Final = 30.0
PING_SECONDS: Final = 30.0


class WebSocket:
    """A `Connection` over the WebSocket of the API server. `socket`: connected, of the package websocket-client."""

    def __init__(self, socket: Any) -> None:
        self._socket, self._pinged = socket, time.monotonic()
        self._socket.settimeout(TIMEOUT)

    def send(self, data: bytes) -> None:
        """Write to the standard input of the process."""
        with failures():
            for start in range(0, len(data), PIECE):
                self._socket.send_binary(bytes([STDIN]) + data[start : start + PIECE])

    def receive(self, seconds: float) -> tuple[int, bytes] | None:
        """Return channel and data, None if nothing came in time."""
        from websocket import ABNF, WebSocketConnectionClosedException

        with failures():
            try:
                self._ping()
                if not self._readable(seconds):
                    return None
                kind, frame = self._socket.recv_data_frame(True)
            except WebSocketConnectionClosedException:
                raise EOFError from None
        if kind == ABNF.OPCODE_CLOSE:
            raise EOFError
        if kind not in (ABNF.OPCODE_BINARY, ABNF.OPCODE_TEXT) or len(frame.data) < 2:
            return None  # an empty one opens each channel
        return frame.data[0], bytes(frame.data[1:])

    def close(self) -> None:
        """Close the connection."""
        with failures():
            self._socket.close(timeout=1)

    def _ping(self) -> None:
        """Show what lies between that a silent connection is in use; one that is dead fails on it."""
        if time.monotonic() - self._pinged > PING_SECONDS:
            self._pinged = time.monotonic()
            self._socket.ping()

    def _readable(self, seconds: float) -> bool:
        plain = self._socket.sock
        if plain is None:
            raise EOFError
        if isinstance(plain, ssl.SSLSocket) and plain.pending():
            return True
        poll = select.poll()
        poll.register(plain, select.POLLIN)
        return bool(poll.poll(seconds * 1000))


@contextmanager
def failures() -> Iterator[None]:
    """Turn what the client's packages raise into ClusterError."""
    import urllib3
    import websocket

    try:
        yield
    except websocket.WebSocketBadStatusException as error:
        raise refusal(error.status_code, error.resp_body or b"") from None
    except (urllib3.exceptions.HTTPError, websocket.WebSocketException, OSError) as error:
        raise ClusterError(0, f"the Kubernetes API does not answer: {error}") from None


def refusal(status: int, body: bytes | str) -> ClusterError:
    """Return the error that an answer stands for."""
    try:
        message = str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        text = body.decode(errors="replace") if isinstance(body, bytes) else body
        message = f"HTTP status {status}: {text[:300]}"
    return ClusterError(status, message)
