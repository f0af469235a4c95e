"""What a wait tells."""

import pytest

from sandbox.providers import waiting
from sandbox.providers.plugin import Context, Log


class Told(Log):
    """Keeps what was shown."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def status(self, message: str) -> None:
        """Keep a message that does not repeat the last one."""
        if self.shown[-1:] != [message]:
            self.shown.append(message)


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock on which each look takes a second."""
    passed = iter(range(1000))
    monkeypatch.setattr("time.monotonic", lambda: float(next(passed)))


def context(log: Log, timeout: float = 0.0) -> Context:
    """An operation."""
    return Context(urn="urn", timeout=timeout, preview=False, ignore_changes=(), log=log)


@pytest.mark.usefixtures("seconds")
def test_a_long_wait_tells_for_how_long_every_five_seconds() -> None:
    told, looks = Told(), iter([None] * 12 + ["healthy"])
    assert waiting.until(context(told), lambda: next(looks), 60, "the container to be healthy", every=0) == "healthy"
    what = "waiting for the container to be healthy"
    assert told.shown == [what, f"{what} (5 s)", f"{what} (10 s)"]


@pytest.mark.usefixtures("seconds")
def test_a_wait_in_vain_names_what_it_waited_for() -> None:
    with pytest.raises(TimeoutError, match="waited 3 s for the container to be healthy"):
        waiting.until(context(Told(), timeout=3.0), lambda: None, 60, "the container to be healthy", every=0)
