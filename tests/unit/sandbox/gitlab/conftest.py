"""The stand-in as a process of its own, a receiver for its webhooks, and the real `git` client."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from gitlab import Gitlab

from tests.unit.sandbox.processes import free_port, wait_until

ROOT_TOKEN = "glpat-" + "r" * 20
REPOSITORY = Path(__file__).parents[4]


@dataclass
class Server:
    """One stand-in with its data in `directory`."""

    directory: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    options: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self.directory.mkdir(exist_ok=True)
        token = self.directory / "root-token"
        token.write_text(ROOT_TOKEN + "\n")
        self.port = self.port or free_port()
        arguments = ["--data", self.directory / "data", "--url", self.url, "--root-token-file", token, "--group", "platform"]
        command = [sys.executable, "-m", "sandbox.services.gitlab", *map(str, arguments), "--host", "127.0.0.1", "--port", str(self.port)]
        command += self.options
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=REPOSITORY, stdout=log, stderr=log)
        wait_until(self._ready, "the stand-in is ready")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the process with the signal `how`."""
        if self.process:
            self.process.send_signal(how)
            self.process.wait(timeout=20)

    def client(self, token: str = ROOT_TOKEN) -> Gitlab:
        """Return a python-gitlab client that uses `token`."""
        return Gitlab(self.url, private_token=token, timeout=20)

    def remote(self, path: str, user: str = "oauth2", secret: str = ROOT_TOKEN) -> str:
        """Return the address for `git clone` of the project `path`."""
        return f"http://{user}:{secret}@127.0.0.1:{self.port}/{path}.git"

    def _ready(self) -> bool:
        assert self.process
        assert self.process.poll() is None, (self.directory / "log").read_text()
        try:
            return httpx.get(f"{self.url}/-/readiness").status_code == 200
        except httpx.TransportError:
            return False


@dataclass
class Receiver:
    """A webhook receiver. It answers with the statuses in `answers`, then 200."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    received: queue.Queue[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=queue.Queue)

    def next(self) -> tuple[dict[str, str], dict[str, Any]]:
        """Return headers (names in lower case) and body of the next delivery; fails after ten seconds."""
        return self.received.get(timeout=10)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The stand-in that most tests share; each works in projects of its own."""
    server = Server(tmp_path_factory.mktemp("gitlab") / "server")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A stand-in for one test, which may stop and start it."""
    server = Server(tmp_path / "server")
    server.start()
    yield server
    server.stop(signal.SIGKILL)


@pytest.fixture(scope="session")
def root(server: Server) -> Gitlab:
    """The administrator's client."""
    return server.client()


@pytest.fixture
def group(root: Gitlab) -> Any:
    """A fresh group below `platform`."""
    name = f"team-{uuid4().hex[:8]}"
    return root.groups.create({"name": name, "path": name, "parent_id": root.groups.get("platform").id})


@pytest.fixture
def project(root: Gitlab, group: Any) -> Any:
    """A fresh private project with a README on a protected main."""
    return root.projects.create({"name": "Demo Shop", "namespace_id": group.id, "initialize_with_readme": True})


@pytest.fixture
def public_project(root: Gitlab) -> Any:
    """A fresh public project; a private group takes none, so it is the administrator's own."""
    return root.projects.create({"name": f"open-{uuid4().hex[:8]}", "visibility": "public", "initialize_with_readme": True})


@pytest.fixture
def git(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run git, in `tmp_path` or the directory `cwd`; the result has returncode, stdout and stderr."""
    names = {"NAME": "Rin", "EMAIL": "rin@example.com"}
    identity = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in names.items()}
    env = {**os.environ, **identity, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}

    def run(*arguments: str, cwd: Path = tmp_path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["git", *arguments], cwd=cwd, env=env, capture_output=True, text=True)

    return run


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on loopback."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
            self.end_headers()
            receiver.received.put(({name.lower(): value for name, value in self.headers.items()}, body))

        def log_message(self, format: str, *args: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{http.server_address[1]}/hook"
    threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
    yield receiver
    http.shutdown()
    http.server_close()


@pytest.fixture
def wait() -> Callable[..., None]:
    """`wait_until` for the tests."""
    return wait_until
