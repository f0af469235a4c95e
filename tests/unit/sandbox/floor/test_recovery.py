"""Whose lock on a stack is freed."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from ops import locks
from sandbox import recovery
from sandbox.errors import SandboxError
from sandbox.instance import Sandbox
from sandbox.stack import Stack


class LockedStack(Stack):
    """A stack whose `pulumi` only notes what it was asked for."""

    def pulumi(self, *arguments: str, folder: Path = Path(), text: str | None = None, variables: Mapping[str, str] | None = None) -> str:
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


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[int]:
    """The number of a process that is called as the engine is."""
    program = tmp_path / "pulumi"
    shutil.copyfile("/bin/sleep", program)
    program.chmod(0o755)
    with subprocess.Popen([program, "60"]) as process:
        yield process.pid
        process.kill()


def test_the_lock_of_a_run_at_work_is_respected(stack: Stack, at_work: int) -> None:
    hold(stack, ended(), socket.gethostname())
    hold(stack, at_work, socket.gethostname())
    with pytest.raises(SandboxError, match=f"process {at_work} on {socket.gethostname()}, since 2026-11-22T22:34:23Z[\\s\\S]*Next: wait"):
        recovery._free_lock(stack)
    assert asked == []


def test_the_lock_of_another_machine_is_respected(stack: Stack) -> None:
    hold(stack, 1, "another-machine")
    with pytest.raises(SandboxError, match="process 1 on another-machine") as held:
        recovery._free_lock(stack)
    assert "free the lock by hand" in held.value.message
    assert "--stack dev" in held.value.message
    assert "pulumi cancel" in held.value.message
    assert asked == []


def test_another_program_with_the_number_of_the_killed_run_is_no_run(stack: Stack) -> None:
    hold(stack, os.getpid(), socket.gethostname())
    recovery._free_lock(stack)
    assert asked == [("cancel", "--yes", "dev")]


def test_a_process_that_nobody_reaped_does_not_run() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read()  # its end
    while locks.runs(process.pid):
        pass
    assert Path(f"/proc/{process.pid}").exists(), "still there, unreaped"
    process.wait()


def test_without_a_lock_nothing_is_asked(stack: Stack) -> None:
    recovery._free_lock(stack)
    assert asked == []
