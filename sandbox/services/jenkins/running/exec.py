"""Processes in the containers of agents: their output as it comes, their exit code, and their end."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sandbox.services.jenkins.model import ABORTED, StepError
from sandbox.services.jenkins.running import shell
from sandbox.services.jenkins.running.places import Place, lost
from sandbox.services.jenkins.running.ports import STATUS, STDERR, STDOUT, ClusterError, Connection

TICK: Final = 0.5
LOOK_SECONDS: Final = 5.0
"""How often a pod whose process is silent is looked at."""
LINGER_SECONDS: Final = 2.0
"""For how long output is waited for once the process ended, while something in the background holds the stream."""
KILL_SECONDS: Final = 20.0
LARGEST: Final = 10 << 20
Take = Callable[[bytes], None]
Stopped = Callable[[], StepError | None]


@dataclass
class Collected:
    """Output that is kept. `what` names it where it is too large."""

    what: str
    limit: int = LARGEST
    data: bytearray = field(default_factory=bytearray)

    def take(self, data: bytes) -> None:
        """Keep more. Raises StepError beyond the limit."""
        if len(self.data) + len(data) > self.limit:
            raise StepError(f"{self.what} is larger than {self.limit >> 20} MB: write it to a file, and read what is needed of it")
        self.data += data


def run(place: Place, program: str, *, out: Take, err: Take, stopped: Stopped) -> int:
    """Run a program of the shell and return its exit code. Raises StepError."""
    connection = place.connect()
    try:
        _send(place, connection, program.encode(errors="surrogateescape"))
        return _follow(place, connection, out, err, stopped, None)
    finally:
        _close(connection)


def feed(place: Place, program: str, data: bytes, what: str, stopped: Stopped) -> None:
    """Run a program of the shell that reads all of `data`; it is on a command line, the data is not. Raises StepError."""
    messages = Collected(f"{what}: its messages")
    connection = place.connect("-c", program)
    try:
        _send(place, connection, data)
        code = _follow(place, connection, messages.take, messages.take, stopped, None)
    finally:
        _close(connection)
    _check(code, messages, what)


def output(place: Place, program: str, what: str, stopped: Stopped, out: Take | None = None) -> bytes:
    """Run a program of the shell and return what it writes, unless `out` takes that. Raises StepError: with its last message if its exit
    code is not 0."""
    kept, messages = Collected(what), Collected(f"{what}: its messages")
    _check(run(place, program, out=out or kept.take, err=messages.take, stopped=stopped), messages, what)
    return bytes(kept.data)


def _check(code: int, messages: Collected, what: str) -> None:
    if code:
        text = messages.data.decode(errors="replace").strip() or f"exit code {code}"
        raise StepError(f"{what}: {text.splitlines()[-1]}")


def script(place: Place, text: str, variables: dict[str, object], directory: str, control: str, *, out: Take, err: Take | None,
           stopped: Stopped) -> int:  # fmt: skip
    """Run the script of a step and return its exit code. Without `err` its standard error is part of its standard output.

    `control`: a folder of its own in the container. Raises StepError: it was stopped (all its processes are ended then), or lost.
    """
    program, mark = shell.step(text, variables, directory, control, apart=err is not None)
    connection = place.connect()
    ended = _Ended(mark, err or out)
    try:
        _send(place, connection, program.encode(errors="surrogateescape"))
        return _follow(place, connection, out, ended.take, stopped, ended)
    except StepError:
        _kill(place, control, mark)
        raise
    finally:
        _close(connection)


class _Ended:
    """Standard error, and the mark at its end with the exit code."""

    def __init__(self, mark: str, take: Take) -> None:
        self._mark, self._take, self._rest = mark.encode(), take, b""
        self.code: int | None = None

    def take(self, data: bytes) -> None:
        """Pass on what cannot be part of the mark."""
        text = self._rest + data
        before, found, after = text.partition(self._mark)
        if found and b"\n" in after:
            self.code, self._rest = int(after.split()[0]), b""
        elif found:
            self._rest = found + after
        else:
            keep = max(text.rfind(b"\n") + 1, len(text) - len(self._mark))
            before, self._rest = text[:keep], text[keep:]
        if before:
            self._take(before)

    def end(self) -> None:
        """Pass on the rest."""
        rest, self._rest = self._rest, b""
        if rest and self._mark not in rest:
            self._take(rest)


def _follow(place: Place, connection: Connection, out: Take, err: Take, stopped: Stopped, ended: _Ended | None) -> int:
    looked = heard = time.monotonic()
    while True:
        reason = stopped()
        if reason:
            raise reason
        try:
            frame = connection.receive(TICK)
        except (EOFError, ClusterError) as error:
            if ended and ended.code is not None:
                return ended.code
            raise StepError(lost(place, patient=True) or f"Agent went offline: the connection to pod {place.pod} broke ({error})") from None
        now = time.monotonic()
        if frame is None:
            if ended and ended.code is not None and now - heard > LINGER_SECONDS:
                return ended.code
            if now - looked > LOOK_SECONDS:
                looked = now
                gone = lost(place)
                if gone:
                    raise StepError(gone)
            continue
        heard = now
        channel, data = frame
        if channel == STDOUT:
            out(data)
        elif channel == STDERR:
            err(data)
        elif channel == STATUS:
            if ended:
                ended.end()
            return _code(place, data, ended)


def _code(place: Place, data: bytes, ended: _Ended | None) -> int:
    try:
        status = json.loads(data)
    except ValueError:
        status = {"message": data.decode(errors="replace")}
    if status.get("status") == "Success":
        return 0
    causes = (status.get("details") or {}).get("causes") or []
    code = next((int(cause["message"]) for cause in causes if cause.get("reason") == "ExitCode"), None)
    if ended and ended.code is not None:
        return ended.code
    if code is None or ended:  # the shell itself ended before it could say how the script did
        gone = lost(place, patient=code == 137)
        if gone or code is None:
            raise StepError(gone or f"cannot run a process in container {place.container} of pod {place.pod}: {status.get('message')}")
    return code


def _kill(place: Place, control: str, mark: str) -> None:
    """End the processes of a step, as far as the pod still answers."""
    end = time.monotonic() + KILL_SECONDS
    late = StepError("the processes of the step do not end", ABORTED)
    try:
        run(place, shell.kill(control, mark), out=_ignore, err=_ignore, stopped=lambda: late if time.monotonic() > end else None)
    except StepError:
        return  # the pod is deleted at the end of its node anyway


def _send(place: Place, connection: Connection, data: bytes) -> None:
    try:
        connection.send(data)
    except ClusterError as error:
        raise StepError(lost(place, patient=True) or f"the connection to pod {place.pod} broke: {error}") from None


def _close(connection: Connection) -> None:
    try:
        connection.close()
    except ClusterError:
        return


def _ignore(data: bytes) -> None:
    """Nobody reads it."""
