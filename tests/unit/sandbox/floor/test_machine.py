"""What a user is told whose machine lacks something."""

import os
import shutil
from collections import namedtuple
from errno import ENOSPC
from pathlib import Path
from threading import Event, Thread

import click
import pytest

from sandbox import disk, engine, packages
from sandbox.cache import lock, unused, write
from sandbox.errors import SandboxError, plainly


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of our own, and no engine at the default socket."""
    monkeypatch.setenv("SLIPWAY_CACHE", str(tmp_path))
    monkeypatch.setattr(engine, "DEFAULT_SOCKET", f"unix://{tmp_path}/nothing.sock")
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    return tmp_path


@pytest.fixture
def somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who is not root."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)


def test_a_docker_host_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    with pytest.raises(SandboxError, match=r"DOCKER_HOST is 'tcp://127\.0\.0\.1:1'[\s\S]*Next: start that engine"):
        engine.connect()


@pytest.mark.usefixtures("somebody")
def test_without_docker_and_root_the_commands_to_run_are_printed() -> None:
    with pytest.raises(SandboxError, match=r"Next: start Docker \(`sudo systemctl start docker`\)"):
        engine.connect()


@pytest.mark.usefixtures("somebody")
def test_missing_packages_are_named_with_one_command() -> None:
    with pytest.raises(SandboxError) as error:
        packages.ensure({"no-such-command-b": "package-b", "no-such-command-a": "package-a", "sh": "dash"})
    assert "apt-get update && apt-get install -y --no-install-recommends package-a package-b" in error.value.message
    assert "dash" not in error.value.message


def test_nothing_is_installed_where_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/bin:/usr/bin")
    packages.ensure({"sh": "dash", "/etc/passwd": "base-passwd"})


def test_a_file_is_written_whole_and_for_this_user_only(cache: Path) -> None:
    write(cache / "secrets" / "token", "abc")
    write(cache / "secrets" / "token", "defg")
    file = cache / "secrets" / "token"
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("defg", 0o600)
    assert [path.name for path in file.parent.iterdir()] == ["token"]


def test_a_lock_says_when_it_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    told, inside = Event(), Event()
    monkeypatch.setattr(click, "echo", lambda text, **_: told.set() if "'tools': waiting" in text else None)

    def second() -> None:
        with lock("tools"):
            inside.set()

    thread = Thread(target=second)
    with lock("tools"):
        thread.start()
        assert told.wait(10)
        assert not inside.is_set()
    assert inside.wait(10)
    thread.join()


def test_an_engine_that_runs_share_is_not_unused() -> None:
    with lock("engine-in-use", shared=True), lock("engine-in-use", shared=True), unused("engine-in-use") as idle:
        assert not idle
    with unused("engine-in-use") as idle:
        assert idle


Usage = namedtuple("Usage", ("total", "used", "free"))


@pytest.mark.parametrize(("tools", "free", "needed"), [(False, 14, 15), (True, 1, 2)])
def test_a_disk_without_room_is_told_before_anything_is_built(
    cache: Path, monkeypatch: pytest.MonkeyPatch, tools: bool, free: int, needed: int
) -> None:
    if tools:
        (cache / "tools").mkdir()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100 * disk.GIBIBYTE, 0, free * disk.GIBIBYTE))
    with pytest.raises(SandboxError) as told:
        disk.check()
    assert told.value.message == (
        f"The disk of {cache} has {free}.0 GiB free, expected at least {needed} GiB.\n"
        "Next: make room there, or set SLIPWAY_CACHE to a folder on a larger disk."
    )


def test_a_disk_that_fills_up_meanwhile_is_told_as_such() -> None:
    with pytest.raises(SandboxError, match=r"The disk is full: [\s\S]*Next: make room \(`df -h`"), plainly():
        raise OSError(ENOSPC, "No space left on device", "/somewhere")
