"""The sandbox that the end-to-end tests share: brought up once by the command that users run, and taken down at the end."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.tools import build as tools
from tests.e2e.support import NAME, Platform, slipway, work_tree
from tests.unit.sandbox.providers.gitlab_server import serving


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """The main stack of the shared sandbox, up and with the sample released."""
    before = work_tree()
    slipway("sandbox", "up", "--name", NAME)
    yield Platform(NAME, before)
    if not os.environ.get("SLIPWAY_KEEP"):
        slipway("sandbox", "down", "--name", NAME)


@pytest.fixture(scope="session")
def git_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The stand-in for GitLab alone, without a platform: its URL, and a folder for what goes with it."""
    folder = tmp_path_factory.mktemp("gitlab")
    with serving(folder) as url:
        yield url, folder


@pytest.fixture(scope="session")
def helm() -> Path:
    """The helm program."""
    return tools.ensure()["helm"]
