"""The stand-in for Harbor in a thread, and a type of resource as the engine uses it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette

from sandbox.providers.harbor import Harbor
from sandbox.providers.harbor.rest import Rest, token
from sandbox.services.harbor import content
from sandbox.services.harbor.app import Options, create_app
from sandbox.services.harbor.keys import open_signer
from sandbox.services.harbor.manifest import parse
from sandbox.services.harbor.scan import advisories
from tests.unit.sandbox.providers.listening import listener
from tests.unit.sandbox.providers.steps import Steps

PASSWORD = "Harbor12345-" + "p" * 20
IMAGE = "application/vnd.oci.image.manifest.v1+json"


class _Registry(BaseHTTPRequestHandler):
    """A registry that is there, and holds nothing."""

    def do_GET(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.send_response(200 if self.path == "/v2/" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return


@dataclass(frozen=True)
class Served:
    """A stand-in that runs. `registry`: the address of another registry."""

    url: str
    registry: str
    app: Starlette

    def pushed(self, repository: str, tag: str) -> None:
        """Let Harbor hold an image without layers."""
        harbor = self.app.state.harbor
        project = harbor.project_of(repository)
        descriptor = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": "sha256:" + "0" * 64, "size": 2}
        body = json.dumps({"schemaVersion": 2, "mediaType": IMAGE, "config": descriptor, "layers": []}).encode()
        content.record(harbor, project["id"], repository, parse(IMAGE, body), {}, tag)


@contextmanager
def serving(folder: Path, certificate: Path | None = None) -> Iterator[Served]:
    """A stand-in with its data in the folder, over TLS with a file that holds a key and its certificate."""
    folder.mkdir(exist_ok=True)
    with listener() as listening, ThreadingHTTPServer(("127.0.0.1", 0), _Registry) as registry:
        url = f"{'https' if certificate else 'http'}://127.0.0.1:{listening.getsockname()[1]}"
        behind = f"http://127.0.0.1:{registry.server_port}"
        app = create_app(Options(folder, url, behind, PASSWORD, advisories.DEFAULT), open_signer(folder))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", ssl_certfile=certificate, timeout_graceful_shutdown=1))
        threads = [threading.Thread(target=server.run, args=([listening],)), threading.Thread(target=registry.serve_forever)]
        for thread in threads:
            thread.start()
        yield Served(url, behind, app)
        server.should_exit = True
        registry.shutdown()
        for thread in threads:
            thread.join()


def configured(address: str, **config: Any) -> Harbor:
    """The provider for the Harbor at this address, as its administrator unless told otherwise."""
    plugin = Harbor()
    plugin.configure({"url": address, "username": "admin", "password": PASSWORD, **config})
    return plugin


class Kind(Steps):
    """A type of resource in Harbor."""

    def __init__(self, harbor: Harbor, name: str) -> None:
        resource = harbor.resource(token(name))
        super().__init__(resource)
        assert isinstance(resource, Rest)
        self.name, self.resource, self.client = name, resource, resource.client
