"""Other clones and other users on the same machine: they do not disturb each other, and nobody needs to be root."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox import engine, hosts
from sandbox.cache import ROOT, cache
from sandbox.instance import checkout
from tests.e2e.support import NAME, Platform, eventually

OTHER = f"u{checkout()}"
"""The sandbox of the other clone."""
HOST = f"sample.{OTHER}.test"
USER = f"slipway-{checkout()}"
"""The user without privileges."""
PATH = "/usr/local/bin:/usr/bin:/bin"
PASSED_ON = re.compile(r"(?i)(pip|uv|ssl|requests|curl|https?|no|all)_")
"""Variables that lead to the package registries."""


@dataclass(frozen=True)
class Person:
    """Who runs commands in a clone of the checkout, by setpriv(1) with `privileges`."""

    clone: Path
    home: Path
    privileges: tuple[str, ...] = ()

    @property
    def cache(self) -> Path:
        """Where the sandbox keeps what it builds for them."""
        return self.home / ".cache" / "slipway"

    def run(self, *command: str, groups: str = "--clear-groups", **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the clone. `variables` are set beside those that lead to the package registries."""
        prefix = ("setpriv", *self.privileges, groups) if self.privileges else ()
        passed = {name: value for name, value in os.environ.items() if PASSED_ON.match(name)}
        environment = passed | {"HOME": str(self.home), "PATH": PATH if self.privileges else os.environ["PATH"]} | variables
        return subprocess.run([*prefix, *command], cwd=self.clone, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def stranger() -> Iterator[Person]:
    """A user without privileges, with a clone and its Python environment in their home."""
    if os.geteuid() != 0:
        pytest.skip("only root can add the user that this test runs commands as")
    base = Path(tempfile.mkdtemp(prefix="slipway-", dir="/var/tmp"))
    base.chmod(0o755)
    try:
        home = base / "home"
        subprocess.run(["userdel", USER], capture_output=True, check=False)
        subprocess.run(["useradd", "--no-user-group", "--create-home", "--home-dir", str(home), USER], capture_output=True, check=True)
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(home / "slipway")], check=True)
        subprocess.run(["chown", "--recursive", USER, str(home)], check=True)
        person = Person(home / "slipway", home, ("--reuid", USER, "--regid", "nogroup"))
        if person.run("python3", "-c", "import sys, ensurepip; sys.exit(sys.version_info < (3, 11))").returncode:
            pytest.skip(f"no python3 with venv, version 3.11 or newer, on {PATH}")
        made = person.run("make", ".venv/.synced")
        assert made.returncode == 0, made.stderr
        yield person
    finally:
        subprocess.run(["userdel", USER], capture_output=True, check=False)
        shutil.rmtree(base)


@pytest.fixture(scope="module")
def docker(stranger: Person, platform: Platform) -> Iterator[tuple[str, str]]:
    """The address of the platform's Docker engine as the stranger reaches it, and the group that may use it."""
    there = Path(str(platform.stack.environment["DOCKER_HOST"]).removeprefix("unix://"))
    link = stranger.home.parent / "docker.sock"  # the way to the socket leads through folders of root's own
    os.link(there, link)
    yield f"unix://{link}", str(there.stat().st_gid)
    link.unlink()


@pytest.fixture(scope="module")
def tools(stranger: Person) -> None:
    """The tools that are built already, in the stranger's cache: without them the test would take half an hour."""
    for tool in (cache() / "tools").iterdir():
        if tool.is_dir():
            shutil.copytree(tool, stranger.cache / "tools" / tool.name, symlinks=True, copy_function=os.link)
    for folder in (stranger.home / ".cache", *(path for path in (stranger.home / ".cache").rglob("*") if path.is_dir())):
        shutil.chown(folder, USER)  # the files are root's too, by their links


def test_without_docker_it_stops_at_once_with_the_command_to_run(stranger: Person) -> None:
    nowhere = stranger.home / "without-docker"
    stopped = stranger.run(".venv/bin/slipway", "sandbox", "up", "--name", OTHER, SLIPWAY_CACHE=str(nowhere))
    assert stopped.returncode == 1
    assert "No Docker engine answers" in stopped.stderr
    assert "sudo usermod -aG docker $USER" in stopped.stderr
    assert not stopped.stdout
    assert {path.suffix for path in nowhere.iterdir()} == {".lock"}, "neither tools nor state"
    built = stranger.run("make", "test", SLIPWAY_CACHE=str(nowhere))
    assert "No Docker engine answers" in built.stderr


@pytest.mark.usefixtures("tools")
def test_without_root_a_clone_brings_its_sandbox_up_and_away(platform: Platform, stranger: Person, docker: tuple[str, str]) -> None:
    address, group = docker
    before = _state(platform)
    with _sandbox(stranger, groups=f"--groups={group}", DOCKER_HOST=address) as printed:
        assert "Only root may name these hosts" in printed
        options = re.findall(r"--resolve \S+", printed)
        assert any(HOST in option for option in options)
        answer = stranger.run("curl", "--silent", "--noproxy", "*", *" ".join(options).split(), f"http://{HOST}/")
        assert '"name":"flask"' in answer.stdout.replace(" ", ""), answer
        assert HOST not in hosts.FILE.read_text()
        assert platform.answer("sample")["name"] == "flask"
        assert _state(platform) == before
    assert not list((stranger.cache / "sandboxes").iterdir())
    eventually(lambda: not _processes(), 10, "no process of the user runs")
    _assert_undisturbed(platform, before)


def test_a_clone_cannot_take_the_names_of_another(platform: Platform, stranger: Person) -> None:
    before = _state(platform)
    clone = Person(stranger.clone, Path.home())
    try:
        refused = clone.run(".venv/bin/slipway", "sandbox", "up", "--name", NAME)
        assert refused.returncode == 1
        assert f"belongs to the sandbox {NAME}-{checkout()}" in refused.stderr
        assert "make up NAME=..." in refused.stderr
    finally:
        down = clone.run(".venv/bin/slipway", "sandbox", "down", "--name", NAME)
    assert "Nothing is left" in down.stdout, down.stderr
    _assert_undisturbed(platform, before)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_second_clone_of_the_same_user_comes_and_goes(platform: Platform, stranger: Person) -> None:
    before = _state(platform)
    clone = Person(stranger.clone, Path.home())
    with _sandbox(clone):
        answer = clone.run("curl", "--silent", "--noproxy", "*", f"http://{HOST}/")
        assert '"name":"flask"' in answer.stdout.replace(" ", ""), answer
        assert platform.answer("sample")["name"] == "flask"
    assert HOST not in hosts.FILE.read_text()
    _assert_undisturbed(platform, before)


@contextmanager
def _sandbox(person: Person, **variables: str) -> Iterator[str]:
    """Bring the other sandbox up, and take it away at the end; gives what `make up` printed."""
    up = person.run("make", "up", f"NAME={OTHER}", **variables)
    try:
        assert up.returncode == 0, up.stdout[-3000:] + up.stderr[-3000:]
        yield up.stdout
    finally:
        down = person.run("make", "down", f"NAME={OTHER}", **variables)
    assert down.returncode == 0, down.stdout[-3000:] + down.stderr[-3000:]
    assert f"Nothing is left of the sandbox {OTHER}" in down.stdout


def _state(platform: Platform) -> set[tuple[str, str]]:
    """The platform's containers, volumes and networks, with what tells a restarted or replaced one from the old, and its names."""
    prefix: dict[str, str | list[str] | bool] = {"name": platform.sandbox.network}
    containers = platform.docker.containers.list(all=True, filters=prefix)
    return (
        {(str(each.id), each.attrs["State"]["StartedAt"]) for each in containers}
        | {(str(each.id), each.attrs["CreatedAt"]) for each in platform.docker.volumes.list(filters=prefix)}
        | {(str(each.id), each.attrs["Created"]) for each in platform.docker.networks.list(filters=prefix)}
        | {("host", line) for line in hosts.FILE.read_text().splitlines() if f".{platform.name}.test" in line}
    )


def _assert_undisturbed(platform: Platform, before: set[tuple[str, str]]) -> None:
    assert _state(platform) == before
    assert engine.connect().address == platform.stack.environment["DOCKER_HOST"]
    assert platform.answer("sample")["name"] == "flask"
    platform.pulumi("preview", "--expect-no-changes")


def _processes() -> list[str]:
    """The commands that run as the user."""
    listed = subprocess.run(["ps", "-u", USER, "-o", "args="], capture_output=True, text=True, check=False)
    return listed.stdout.splitlines()
