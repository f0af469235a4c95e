"""Whose lock on a stack is freed."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox import recovery
from sandbox.errors import SandboxError
from sandbox.instance import Sandbox
from sandbox.stack import Stack


class LockedStack(Stack):
    """A stack whose `pulumi` only notes what it was asked for."""

    def pulumi(self, *arguments: str, folder: Path = Path(), text: str | None = None) -> str:
        asked.append(arguments)
        return ""


asked: list[tuple[str, ...]] = []


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    monkeypatch.setenv("SLIPWAY_CACHE", str(tmp_path))
    asked.clear()
    return LockedStack(Sandbox("dev"), "dev", {})


def hold(stack: Stack, process: int, host: str) -> None:
    """Put a lock as the engine's file backend does."""
    folder = stack.sandbox.folder / "state" / ".pulumi" / "locks" / "organization" / "slipway" / stack.name
    folder.mkdir(parents=True, exist_ok=True)
    content = {"pid": process, "username": "me", "hostname": host, "timestamp": "2026-11-22T22:34:23.882105535Z"}
    (folder / f"{process}.json").write_text(json.dumps(content))


def ended() -> int:
    """The number of a process that ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_the_lock_of_a_killed_run_is_freed_and_the_user_told(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    hold(stack, ended(), socket.gethostname())
    recovery._free_lock(stack)
    assert asked == [("cancel", "--yes", "dev")]
    assert "was killed: its lock is freed" in capsys.readouterr().err


@pytest.mark.parametrize(("process", "host"), [(os.getpid(), socket.gethostname()), (1, "another-machine")])
def test_the_lock_of_a_run_that_may_be_at_work_is_respected(stack: Stack, process: int, host: str) -> None:
    hold(stack, ended(), socket.gethostname())
    hold(stack, process, host)
    with pytest.raises(SandboxError, match=f"process {process} on {host}, since 2026-11-22T22:34:23Z[\\s\\S]*Next: wait"):
        recovery._free_lock(stack)
    assert asked == []


def test_a_process_that_nobody_reaped_does_not_run() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read()  # its end
    while recovery._runs(process.pid):
        pass
    assert Path(f"/proc/{process.pid}").exists(), "still there, unreaped"
    process.wait()


def test_without_a_lock_nothing_is_asked(stack: Stack) -> None:
    recovery._free_lock(stack)
    assert asked == []
