"""Long answers of the daemon, line by line, in a way that can be interrupted, and what is shown of them."""

import time
from collections.abc import Callable, Iterable, Iterator
from queue import Empty, Queue
from threading import Thread

from sandbox.providers.plugin import Context, Log, Properties

_EVERY = 0.2
_SHOW_SECONDS = 2.0
_END: Properties = {"end": True}
_AGAIN = "run it again: the daemon keeps the layers that are done"


class Shown:
    """What is being done: told to the log once it takes longer than two seconds. Where there is no terminal, each message is a line."""

    def __init__(self, log: Log, what: str) -> None:
        self._log, self.what, self._since = log, what, time.monotonic()

    def begin(self, what: str) -> None:
        """Something else is being done from now on; to set `what` is to word the same thing anew."""
        self.what, self._since = what, time.monotonic()

    def tick(self) -> None:
        """Look at the clock."""
        if time.monotonic() - self._since >= _SHOW_SECONDS:
            self._log.status(self.what)


def follow(context: Context, ask: Callable[[], Iterable[Properties]], what: str) -> Iterator[Properties]:
    """Yield what the daemon says, as it says it; while it is silent, nothing in an empty entry.

    Args:
        context: whose time limit, if the user gave one, is kept.
        ask: starts the work; it and its answer are read in a thread, which ends with the connection or the plugin.
        what: is done, as in "building x".

    Raises what `ask` raises, TimeoutError when the time is over, RuntimeError when the user interrupts the run.
    """
    said: Queue[Properties | Exception] = Queue()
    Thread(target=_read, args=(ask, said), daemon=True).start()
    until = time.monotonic() + (context.timeout or float("inf"))
    while True:
        if context.cancelled.is_set():
            raise RuntimeError(f"interrupted while {what}; {_AGAIN}")
        if time.monotonic() > until:
            raise TimeoutError(
                f"{context.timeout:.0f} s were not enough for {what}; run it again: the daemon keeps the layers that are done"
            )
        try:
            entry = said.get(timeout=_EVERY)
        except Empty:
            yield {}
            continue
        if isinstance(entry, Exception):
            raise entry
        if entry is _END:
            return
        yield entry


def _read(ask: Callable[[], Iterable[Properties]], said: "Queue[Properties | Exception]") -> None:
    try:
        for entry in ask():
            said.put(entry)
        said.put(_END)
    except Exception as error:
        said.put(error)
