"""A Harbor for each module: one that outlived it would meet the clocks that other tests set."""

from collections.abc import Iterator

import pytest

from sandbox.providers.harbor import Harbor
from sandbox.providers.plugin import State
from tests.unit.sandbox.providers.harbor.server import Kind, Served, configured, serving


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("harbor")) as harbor:
        yield harbor


@pytest.fixture(scope="module")
def harbor(served: Served) -> Harbor:
    return configured(served.url)


@pytest.fixture
def project(harbor: Harbor, request: pytest.FixtureRequest) -> Iterator[State]:
    projects = Kind(harbor, "Project")
    state = projects.create(name=f"p{abs(hash(request.node.name))}", forceDestroy=True)
    yield state
    projects.delete(state)
