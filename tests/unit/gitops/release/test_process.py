"""Programs that we run: what they say passes through while they run, and nothing of them stays."""

import os
import time
from pathlib import Path

import pytest

from gitops.release import process
from gitops.release.errors import UnreachableError
from gitops.release.process import ProgramFailedError, stream

ENVIRONMENT = {"PATH": os.environ["PATH"]}


def shell(script: str, seconds: float = 20) -> None:
    stream(["sh", "-c", script], folder=Path("/"), environment=ENVIRONMENT, seconds=seconds)


def test_what_it_says_passes_on_without_what_terminals_obey(capfd: pytest.CaptureFixture[str]) -> None:
    shell(r"echo out; echo err >&2; printf 'a\033[31mb\007\n'")
    assert capfd.readouterr().err == "out\nerr\na[31mb\n"


def test_a_failure_has_the_last_lines() -> None:
    with pytest.raises(ProgramFailedError, match=r"99\n100$") as caught:
        shell("seq 100; exit 3")
    assert "\n1\n" not in str(caught.value)


def test_endless_output_is_cut(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "OUTPUT_LIMIT", 10_000)
    shell("yes | head -n 100000; head -c 100000 /dev/zero | tr '\\0' x")
    printed = capfd.readouterr().err
    assert len(printed) < 12_000
    assert printed.endswith("[what follows is left out: it is too long]\n")


def test_one_that_does_not_end_is_ended_with_what_it_started() -> None:
    began = time.monotonic()
    with pytest.raises(ProgramFailedError, match="stopped after 1 s"):
        shell("sleep 60 & sleep 60", seconds=0.6)
    assert time.monotonic() - began < 10


def test_one_that_is_not_there_is_named() -> None:
    with pytest.raises(UnreachableError, match="'no-such-program' is not on PATH"):
        stream(["no-such-program"], folder=Path("/"), environment=ENVIRONMENT, seconds=1)


def test_it_sees_no_other_variables(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLIPWAY_REGISTRY_PASSWORD", "hidden")
    shell("env")
    assert "hidden" not in capfd.readouterr().err
