"""Watches what `ps` shows while something runs."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

SECONDS = 0.01
"""Between two looks: programs that end sooner may be missed."""
REDIS = re.compile(rb"--requirepass \S+")
"""Argo CD's own manifests and its chart start Redis so, and leave no value to change it: its password is in the arguments
of a pod's process until that process sets its title. https://github.com/argoproj/argo-cd/blob/v3.2.11/manifests/base/redis/argocd-redis-deployment.yaml"""


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
        """Each command line, by its beginning, without what Argo CD itself puts there."""
        return ((f"the arguments of {each[:40].decode(errors='replace')}", REDIS.sub(b"", each)) for each in self.commands)

    def _watch(self) -> None:
        while not self._end.wait(SECONDS):
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    self.commands.add((process / "cmdline").read_bytes().replace(b"\0", b" "))
                except OSError:  # it has ended
                    continue
