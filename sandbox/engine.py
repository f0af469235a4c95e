"""The Docker engine: one that is there, or one of our own with its data in the cache."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import docker
from docker.errors import DockerException

from sandbox import packages
from sandbox.cache import cache, lock, unused, write
from sandbox.errors import SandboxError
from sandbox.instance import Sandbox
from sandbox.progress import step

IN_USE = "engine-in-use"
"""The lock that each `up` shares, so that no `down` of another sandbox stops the engine between two of its steps."""
DEFAULT_SOCKET = "unix:///var/run/docker.sock"
START_SECONDS = 60.0
CLIENT_SECONDS = 600
"""The time limit of one call: building an image sends hundreds of megabytes."""


@dataclass(frozen=True)
class Engine:
    """A reachable engine: its client, and the value of `DOCKER_HOST` that leads to it."""

    client: docker.DockerClient
    address: str


def of(sandbox: Sandbox) -> Engine:
    """The engine that the sandbox lives in, remembered from its first `up`. Raises SandboxError where another one answers now."""
    file, found = sandbox.folder / "engine", connect()
    if not file.exists():
        write(file, found.address)
    elif (home := file.read_text()) != found.address:
        raise SandboxError(
            f"The sandbox {sandbox.name} lives in the Docker engine at {home}, but now the one at {found.address} answers.\n"
            f"Next: run this again with DOCKER_HOST={home}, or start that engine."
        )
    return found


def connect() -> Engine:
    """The engine in use: `DOCKER_HOST`, the default socket, or our own, started when this user is root.

    Raises SandboxError where there is none and none can be started.
    """
    explicit = os.environ.get("DOCKER_HOST", "")
    if explicit and not re.match(r"unix://|\w+://(127\.|localhost)", explicit):
        raise SandboxError(
            f"DOCKER_HOST is {explicit!r}, on another machine: the containers' addresses would not be reachable from here.\n"
            "Next: run this on that machine, or unset DOCKER_HOST."
        )
    if found := find():
        return found
    if explicit and explicit != own_address():
        raise SandboxError(
            f"DOCKER_HOST is {explicit!r}, but no Docker engine answers there.\n"
            "Next: start that engine, or unset DOCKER_HOST to use the default socket or an engine of the sandbox's own."
        )
    if os.geteuid() != 0:
        raise SandboxError(
            f"No Docker engine answers at {DEFAULT_SOCKET}, and only root can start one.\n"
            "Next: start Docker (`sudo systemctl start docker`), join its group (`sudo usermod -aG docker $USER`, then log in again), "
            "or run this as root."
        )
    return _start()


def find() -> Engine | None:
    """The engine in use, without starting one. A `DOCKER_HOST` of the user's own is the only place looked at."""
    explicit = os.environ.get("DOCKER_HOST")
    places = [explicit] if explicit and explicit != own_address() else [DEFAULT_SOCKET, own_address()]
    return next((Engine(client, place) for place in places if (client := _reach(place))), None)


def stop_own() -> bool:
    """Stop the engine that `connect` started, unless containers or an `up` still run in it; its data stays. True: it was stopped."""
    with lock("engine"), unused(IN_USE) as idle:
        process, client = _own_process(), _reach(own_address())
        if not process or not idle or (client and client.containers.list()):
            return False
        with step("stopping the Docker engine"):
            os.kill(process, signal.SIGTERM)
            _wait(lambda: not _own_process(), "end")
            # Docker leaves the host's network namespace mounted, and nobody could delete the folder.
            for mount in (_folder() / "exec" / "netns").glob("*"):
                subprocess.run(["umount", str(mount)], capture_output=True, check=False)
        return True


def own_address() -> str:
    """Where our own engine listens."""
    return f"unix://{cache() / 'engine' / 'docker.sock'}"


def _reach(url: str) -> docker.DockerClient | None:
    try:
        return docker.DockerClient(base_url=url, version="auto", timeout=CLIENT_SECONDS)
    except DockerException:
        return None


def _own_process() -> int | None:
    """The process of our own engine, if it runs: the number alone could by now belong to another program."""
    try:
        process = int((_folder() / "dockerd.pid").read_text())
        command = Path(f"/proc/{process}/cmdline").read_bytes().decode().split("\0")
    except (OSError, ValueError):
        return None
    return process if str(_folder() / "data") in command else None


def _start() -> Engine:
    # In one call: a machine without Docker is likely to need a Debian image made, too.
    packages.ensure(packages.ENGINE | packages.DEBIAN)
    with lock("engine"):
        if found := find():  # installing the package may have started one, or another run has
            return found
        folder = _folder()
        folder.mkdir(exist_ok=True)
        # After a crash its number may be another program's, and dockerd would refuse to start.
        if not _own_process():
            (folder / "dockerd.pid").unlink(missing_ok=True)
        command = ["dockerd", "--data-root", str(folder / "data"), "--exec-root", str(folder / "exec")]
        # No default bridge: sandboxes bring networks of their own, and nothing is left on the machine after the engine's end.
        command += ["--host", own_address(), "--pidfile", str(folder / "dockerd.pid"), "--bridge", "none"]
        with step("starting a Docker engine"), (folder / "dockerd.log").open("w") as log:
            path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
            environment = os.environ | {"PATH": path}
            subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment, start_new_session=True)
            _wait(lambda: _reach(own_address()) is not None, "answer")
    return Engine(docker.DockerClient(base_url=own_address(), version="auto", timeout=CLIENT_SECONDS), own_address())


def _wait(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            last = "\n".join((_folder() / "dockerd.log").read_text().splitlines()[-8:])
            raise SandboxError(f"The Docker engine did not {what} within {START_SECONDS:.0f} s. Its last lines:\n{last}")
        time.sleep(0.1)


def _folder() -> Path:
    return cache() / "engine"
