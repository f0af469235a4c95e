"""The stand-in with a real registry behind it, each a process of its own, and clients."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from sandbox.cache import cache, lock
from sandbox.services.harbor.keys import open_signer
from sandbox.services.harbor.registry_config import write
from tests.unit.sandbox.harbor.images import Client
from tests.unit.sandbox.processes import free_port, wait_until

PASSWORD = "Admin12345"
REPOSITORY = Path(__file__).parents[4]
HTTP = httpx.Client(trust_env=False, timeout=20, verify=False)
"""One for all: making one takes longer than a request."""
PACKAGE = "docker-registry"


def registry_program() -> Path:
    """Debian's docker-registry: this machine's own, or else unpacked into the cache, which takes neither root nor an installation."""
    installed = shutil.which(PACKAGE)
    kept = cache() / "debian" / PACKAGE / "usr/bin" / PACKAGE
    if installed or kept.is_file():
        return Path(installed or kept)
    if not shutil.which("apt-get"):
        pytest.skip(f"{PACKAGE} is not on PATH, and no apt-get to fetch it with")
    with lock("debian"):
        folder = cache() / "debian" / f"{PACKAGE}.part"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if subprocess.run(["apt-get", "download", PACKAGE], cwd=folder, capture_output=True, check=False).returncode:
            # The lists of packages are missing: into a place of our own, as only root may refresh the machine's.
            own = [f"-oDir::State={folder}/state", f"-oDir::Cache={folder}/cache", "-oDebug::NoLocking=1"]
            (folder / "state/lists/partial").mkdir(parents=True)
            subprocess.run(["apt-get", *own, "update"], cwd=folder, capture_output=True, check=False)
            subprocess.run(["apt-get", *own, "download", PACKAGE], cwd=folder, capture_output=True, check=False)
        archives = list(folder.glob("*.deb"))
        if not archives:
            pytest.skip(f"{PACKAGE} is not on PATH and apt-get cannot fetch it")
        subprocess.run(["dpkg", "-x", str(archives[0]), str(folder)], check=True, capture_output=True)
        shutil.rmtree(kept.parents[2], ignore_errors=True)
        folder.rename(kept.parents[2])
    return kept


@dataclass
class Server:
    """One Harbor with its data in `directory`."""

    directory: Path
    port: int = 0
    registry_port: int = 0
    options: tuple[str, ...] = ()
    core: subprocess.Popen[bytes] | None = None
    registry: subprocess.Popen[bytes] | None = None
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def api(self) -> str:
        return f"{self.url}/api/v2.0"

    def start(self, *, registry: bool = True) -> None:
        """Start both and wait until they are ready."""
        self.directory.mkdir(exist_ok=True)
        self.port, self.registry_port = self.port or free_port(), self.registry_port or free_port()
        password = self.directory / "password"
        password.write_text(PASSWORD + "\n")
        common = ["--data", self.directory / "data", "--url", self.url, "--registry-url", f"http://127.0.0.1:{self.registry_port}"]
        if registry:
            # What the verb `init` does, without a process of its own.
            data, address = self.directory / "data", f"127.0.0.1:{self.registry_port}"
            data.mkdir(exist_ok=True)
            write(self.directory / "registry", open_signer(data), self.url, address, str(self.directory / "storage"))
            self.start_registry()
        self.core = self._run(*common, "--admin-password-file", password, "--host", "127.0.0.1", "--port", self.port, *self.options)
        wait_until(lambda: self.answers(f"{self.api}/health"), "Harbor is ready")

    def start_registry(self) -> None:
        """Start the registry alone."""
        command = [str(registry_program()), "serve", str(self.directory / "registry/config.yml")]
        with (self.directory / "log").open("ab") as log:
            self.registry = subprocess.Popen(command, stdout=log, stderr=log)
        wait_until(lambda: self.answers(f"http://127.0.0.1:{self.registry_port}/v2/"), "the registry is ready")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End both processes with the signal `how`."""
        for process in (self.core, self.registry):
            if process:
                process.send_signal(how)
        for process in (self.core, self.registry):
            if process:
                process.wait(timeout=20)
        self.core = self.registry = None

    def client(self, auth: tuple[str, str] | None = ("admin", PASSWORD)) -> Client:
        """A registry's client."""
        return Client(self.url, auth)

    def call(self, method: str, path: str, *, auth: tuple[str, str] | None = ("admin", PASSWORD), **options: Any) -> httpx.Response:
        """Call the API."""
        return HTTP.request(method, f"{self.api}{path}", auth=auth, **options)

    def project(self, **fields: Any) -> str:
        """Make a project and return its name."""
        name = f"team-{uuid4().hex[:8]}"
        answer = self.call("POST", "/projects", json={"project_name": name, **fields})
        assert answer.status_code == 201, answer.text
        return name

    def robot(self, project: str, *rights: str, **fields: Any) -> tuple[str, str]:
        """Make a robot with rights as `repository:pull` in a project and return its name and secret."""
        access = [dict(zip(("resource", "action"), right.split(":"), strict=True)) for right in rights]
        permissions = [{"kind": "project", "namespace": project, "access": access}]
        body = {"name": f"r-{uuid4().hex[:8]}", "level": "system", "duration": -1, "permissions": permissions} | fields
        answer = self.call("POST", "/robots", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["name"], answer.json()["secret"]

    def answers(self, url: str) -> bool:
        """Whether there is an answer of any kind; fails if a process ended."""
        for process in (self.core, self.registry):
            assert process is None or process.poll() is None, (self.directory / "log").read_text()
        try:
            return HTTP.get(url).status_code < 500
        except httpx.TransportError:
            return False

    def _run(self, *arguments: Any) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "sandbox.services.harbor", *map(str, arguments)]
        with (self.directory / "log").open("ab") as log:
            return subprocess.Popen(command, cwd=REPOSITORY, stdout=log, stderr=log, env=os.environ | self.environment)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The Harbor that most tests share; each works in projects of its own."""
    server = Server(tmp_path_factory.mktemp("harbor") / "server")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A Harbor for one test, which may stop and start it."""
    server = Server(tmp_path / "server")
    server.start()
    yield server
    server.stop(signal.SIGKILL)


@pytest.fixture
def project(server: Server) -> str:
    """The name of a fresh private project."""
    return server.project()
