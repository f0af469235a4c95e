"""The one door to other programs."""

import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from gitops.release.errors import UnreachableError


class ProgramFailedError(Exception):
    """A program ended with an error; the text is what it wrote, the command is not in it."""


def run(command: Sequence[str], *, folder: Path, environment: Mapping[str, str], seconds: float) -> str:
    """Run a program without a shell and return its standard output.

    `environment` is all that it sees of ours; `seconds` is its limit. Raises ProgramFailedError with what it wrote to standard error, and
    UnreachableError when the program is not there.
    """
    try:
        done = subprocess.run(
            list(command), cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
        )
    except FileNotFoundError:
        raise _missing(command[0]) from None
    except subprocess.TimeoutExpired:
        raise ProgramFailedError(f"{command[0]} was stopped after {seconds:.0f} s") from None
    if done.returncode:
        raise ProgramFailedError(done.stderr.decode(errors="replace").strip() or f"{command[0]} ended with {done.returncode}")
    return done.stdout.decode(errors="replace")


KEPT_LINES = 40
LINE_LIMIT, OUTPUT_LIMIT = 4000, 20 * 2**20
"""Characters of a line, and bytes of all, that are passed on: what runs is a tenant's."""


def stream(command: Sequence[str], *, folder: Path, environment: Mapping[str, str], seconds: float) -> None:
    """Run a program as `run` does, and pass what it says on to standard error while it runs.

    Raises ProgramFailedError with its last lines, and UnreachableError when the program is not there.
    """
    try:
        started = subprocess.Popen(
            list(command),
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # what it leaves behind would keep the pipe open
        )
    except FileNotFoundError:
        raise _missing(command[0]) from None
    late = threading.Event()

    def end() -> None:
        late.set()
        _kill(started)

    timer = threading.Timer(seconds, end)
    timer.start()
    try:
        last = _passed_on(started)
        status = started.wait()
    finally:
        timer.cancel()
        _kill(started)
    if late.is_set():
        raise ProgramFailedError(f"{command[0]} was stopped after {seconds:.0f} s")
    if status:
        raise ProgramFailedError("\n".join(last) or f"{command[0]} ended with {status}")


def _passed_on(started: "subprocess.Popen[bytes]") -> deque[str]:
    """Pass on what a program says, and return its last lines."""
    assert started.stdout is not None
    last: deque[str] = deque(maxlen=KEPT_LINES)
    passed = 0
    for line in iter(lambda: started.stdout.readline(LINE_LIMIT), b""):  # type: ignore[union-attr]
        text = "".join(each for each in line.decode(errors="replace").rstrip("\n") if each.isprintable() or each == "\t")
        last.append(text)
        if passed <= OUTPUT_LIMIT:
            passed += len(line)
            print(text if passed <= OUTPUT_LIMIT else "[what follows is left out: it is too long]", file=sys.stderr, flush=True)
    return last


def _kill(started: "subprocess.Popen[bytes]") -> None:
    """End a program with all that it started in its session."""
    with suppress(ProcessLookupError):
        os.killpg(started.pid, signal.SIGKILL)


def _missing(program: str) -> UnreachableError:
    return UnreachableError(f"The program {program!r} is not on PATH. Next: install it, or run this where the release tools are.")
