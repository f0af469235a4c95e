"""What a long step is doing, since when, and how long it may still take."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

QUIET_SECONDS = 2.0
"""Steps shorter than this print one line, at their end."""
BEAT_SECONDS = 20.0
"""How often a step says that it goes on."""


def duration(seconds: float) -> str:
    """Seconds for people: `8 s`, `2 min 5 s`."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


@contextmanager
def step(title: str, expected: float | None = None) -> Iterator[None]:
    """Say what is being done while the block runs.

    `expected` is how long it took earlier, in seconds. A step that fails says so; its error is the caller's to show.
    """
    started = time.monotonic()
    done = threading.Event()

    def beat() -> None:
        if done.wait(QUIET_SECONDS):
            return
        click.echo(f"  {title} ..." + (f" (about {duration(expected)})" if expected else ""), err=True)
        while not done.wait(BEAT_SECONDS):
            elapsed = time.monotonic() - started
            left = f", about {duration(expected - elapsed)} left" if expected and expected > elapsed else ""
            click.echo(f"    {title}: {duration(elapsed)} so far{left}", err=True)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    failed = True
    try:
        yield
        failed = False
    finally:
        done.set()
        thread.join()
        mark = click.style("failed", fg="red") if failed else click.style("ok", fg="green")
        click.echo(f"  {title}: {mark}, {duration(time.monotonic() - started)}", err=True)
        sys.stderr.flush()
