"""Watches what `ps` shows while something runs."""

import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

SECONDS = 0.01
"""Between two looks: programs that end sooner may be missed."""


class Processes:
    """Collects the command lines of all processes on this machine, those in containers and pods included, while the block runs.

    `commands` holds each command line once, its arguments separated by spaces.
    """

    def __init__(self) -> None:
        self.commands: set[bytes] = set()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Processes":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end.set()
        self._thread.join()

    def places(self) -> Iterator[tuple[str, bytes]]:
        """Each command line, by its beginning."""
        return ((f"the arguments of {command[:40].decode(errors='replace')}", command) for command in self.commands)

    def _watch(self) -> None:
        while not self._end.wait(SECONDS):
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    self.commands.add((process / "cmdline").read_bytes().replace(b"\0", b" "))
                except OSError:  # it has ended
                    continue
