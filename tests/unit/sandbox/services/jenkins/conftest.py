"""One controller for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.sandbox.services.jenkins.kit import Kit, controller


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    """A controller whose builds end at once."""
    with controller(tmp_path) as made:
        yield made
