"""What a run without a terminal is told of long waits."""

import pytest

from sandbox.providers.engine import PROGRESS, Engine, EngineLog


class Told(Engine):
    """Keeps the lasting messages."""

    def __init__(self) -> None:
        super().__init__("")
        self.lines: list[str] = []

    def log(self, severity: int, message: str, urn: str, *, ephemeral: bool = False) -> None:
        """Keep the message, if it lasts."""
        if not ephemeral:
            self.lines.append(message)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that passed, to be set."""
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


def wait(clock: list[float], seconds: int) -> list[str]:
    """The lines about an operation that reports every second."""
    told = Told()
    log = EngineLog(told, "urn")
    for second in range(1, seconds + 1):
        clock[0] = float(second)
        log.status(f"waiting ({second} s)")
    return told.lines


def test_without_a_terminal_a_wait_is_told_after_five_seconds_and_then_now_and_again(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PROGRESS, "lines")
    assert wait(clock, 4) == []
    clock[0] = 0.0
    assert wait(clock, 40) == ["waiting (5 s)", "waiting (20 s)", "waiting (35 s)"]


def test_on_a_terminal_nothing_lasts(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PROGRESS, raising=False)
    assert wait(clock, 40) == []
