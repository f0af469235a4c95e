"""Who may have an agent, and who waits for one: first come, first served."""

import threading
from collections import deque
from collections.abc import Callable

from sandbox.services.jenkins.model import StepError

TICK = 0.5


class Line:
    """Places that are taken for a while. Safe for several threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()
        self._taken = 0

    def enter(self, limit: Callable[[], int], wait: Callable[[], None], stopped: Callable[[], StepError | None]) -> None:
        """Take a place as soon as fewer than `limit` (0: no limit) are taken and nobody came earlier.

        `wait` is called once if that is not at once. Raises what `stopped` returns.
        """
        ticket = object()
        with self._changed:
            self._waiting.append(ticket)
        try:
            told = False
            while not self._take(ticket, limit()):
                reason = stopped()
                if reason:
                    raise reason
                if not told:
                    told = True
                    wait()
                with self._changed:
                    self._changed.wait(TICK)
        finally:
            with self._changed:
                self._waiting.remove(ticket)
                self._changed.notify_all()

    def leave(self) -> None:
        """Give the place back."""
        with self._changed:
            self._taken -= 1
            self._changed.notify_all()

    def _take(self, ticket: object, limit: int) -> bool:
        with self._changed:
            free = self._waiting[0] is ticket and (limit <= 0 or self._taken < limit)
            self._taken += free
            return free
