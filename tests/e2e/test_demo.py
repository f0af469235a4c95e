"""The demonstration that the README shows."""

import pytest

from tests.e2e.support import NAME, Platform, slipway


@pytest.mark.soak
@pytest.mark.timeout(1500)
def test_the_demonstration_shows_what_the_readme_says(platform: Platform) -> None:
    said = slipway("sandbox", "demo", "--name", NAME)
    for part in (
        "A good version is pushed",
        "goes on answering",
        "A third version mends it",
        "answers again after",
        "Argo CD has made it again",
    ):
        assert part in said
    assert platform.answer("sample")["name"] == "flask"
