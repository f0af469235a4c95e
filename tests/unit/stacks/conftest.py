"""What a good environment consists of: GitLab, a Docker engine, charts; each test spoils one thing."""

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from gitlab import Gitlab

from components.versions import CHARTS
from stacks import preflight, settings
from stacks.preflight import hosts
from stacks.problems import Problems
from tests.unit.graph import NODE
from tests.unit.sandbox.providers.gitlab_server import ROOT_TOKEN, serving

STACK = "dev"
NETWORK = {"IPAM": {"Config": [{"Subnet": "10.89.7.0/24"}]}, "Containers": {}}


@dataclass
class Engine:
    """What a Docker engine answers, by path; all else is 404."""

    answers: dict[str, Any] = field(default_factory=lambda: {"/networks/slipway-1": NETWORK})


@dataclass
class World:
    """The environment that preflight is asked about. `config` is the stack's configuration, to be spoiled."""

    gitlab: str
    engine: Engine
    config: dict[str, Any]

    def problems(self) -> tuple[str, ...]:
        """What preflight finds wrong; nothing where it passes. No secret is in it."""
        config = {key: value if isinstance(value, str) else json.dumps(value) for key, value in self.config.items()}
        found: tuple[str, ...] = ()
        try:
            preflight.check(settings.parse(config), stack=STACK)
        except Problems as error:
            found = error.problems
        assert not any(secret in problem for problem in found for secret in (ROOT_TOKEN, str(self.config["gitlab"]["token"])))
        return found

    @property
    def root(self) -> Gitlab:
        """GitLab's administrator."""
        return Gitlab(self.gitlab, private_token=ROOT_TOKEN)


@pytest.fixture(scope="session")
def gitlab_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a GitLab with the group `platform`."""
    with serving(tmp_path_factory.mktemp("gitlab")) as url:
        yield url


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A Docker engine on a socket of its own, to which DOCKER_HOST leads."""
    path, engine = tmp_path / "docker.sock", Engine()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = engine.answers.get(self.path)
            body = json.dumps(answer or {"message": "not found"}).encode()
            self.send_response(200 if answer else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def address_string(self) -> str:
            return "local"

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_UNIX

        def server_bind(self) -> None:
            self.socket.bind(self.server_address)

    with Server(str(path), Handler) as server:  # type: ignore[arg-type]  # typed for addresses of the other family
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
        yield engine
        server.shutdown()


@pytest.fixture
def world(gitlab_url: str, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A good environment."""
    monkeypatch.setattr(hosts, "HOSTS", {})  # no resolver is part of a unit test
    for pin in CHARTS:
        (tmp_path / pin.name).mkdir()
        (tmp_path / pin.name / "Chart.yaml").touch()
    config: dict[str, Any] = {key: value if key == "domain" else json.loads(value) for key, value in NODE.items()}
    config |= {"gitlab": {"url": gitlab_url, "token": ROOT_TOKEN, "group": "platform"}, "charts": {"source": str(tmp_path)}}
    return World(gitlab_url, engine, config)
