"""The stand-in for GitLab in a thread, and a type of resource as the engine uses it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from sandbox.providers.gitlab import GitLab
from sandbox.providers.gitlab.files import RepositoryFile
from sandbox.providers.gitlab.rest import Rest
from sandbox.providers.plugin import Properties
from sandbox.services.gitlab.app import create_app
from tests.unit.sandbox.providers.listening import listener
from tests.unit.sandbox.providers.steps import Steps

ROOT_TOKEN = "glpat-" + "r" * 20


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a stand-in with the group `platform` and its data in the folder."""
    with listener() as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(create_app(folder, url, ROOT_TOKEN, "platform"), log_level="error"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield url
        server.should_exit = True
        thread.join()


class Kind(Steps):
    """A type of resource in GitLab."""

    def __init__(self, gitlab: GitLab, name: str) -> None:
        resource = gitlab.resource(f"gitlab:index/{name[0].lower()}{name[1:]}:{name}")
        super().__init__(resource)
        assert isinstance(resource, Rest | RepositoryFile)
        self.resource = resource
        self.client = resource.client
        self.key = getattr(resource, "key", "")

    def listed(self, inputs: Properties) -> list[Any]:
        """What GitLab lists where one with these inputs would appear."""
        assert isinstance(self.resource, Rest)
        path = self.resource.listing(inputs)
        return list(self.client.find(path)) if path else []
