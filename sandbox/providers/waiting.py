"""Waiting for a condition, in a way that can be interrupted."""

import time
from collections.abc import Callable
from typing import TypeVar

from sandbox.providers.plugin import Context

Result = TypeVar("Result")
SHOW_SECONDS = 5


def until(context: Context, condition: Callable[[], Result | None], seconds: float, what: str, every: float = 0.2) -> Result:
    """Return the first result of the condition that is true.

    Args:
        context: whose log shows `what` while waiting, and whose time limit, if the user gave one, comes before `seconds`.
        condition: is asked every `every` seconds.
        seconds: how long to wait at most.
        what: is waited for, as in "the container to be healthy".

    Raises TimeoutError when the time is over, RuntimeError when the user interrupts the run.
    """
    limit = context.timeout or seconds
    began = time.monotonic()
    while not (result := condition()):
        waited = time.monotonic() - began
        if waited >= limit:
            raise TimeoutError(f"waited {limit:.0f} s for {what}")
        # Where there is no terminal, each message is a line.
        context.log.status(f"waiting for {what}" + (f" ({waited // SHOW_SECONDS * SHOW_SECONDS:.0f} s)" if waited >= SHOW_SECONDS else ""))
        if context.cancelled.wait(every):
            raise RuntimeError(f"interrupted while waiting for {what}")
    return result
