"""Long runs, left to `make soak`."""

import pytest

from tests.e2e.support import NAME, Platform, slipway

OTHER = f"{NAME}-s"


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("turn", range(5))
def test_a_stack_comes_and_goes_again_and_again(platform: Platform, turn: int) -> None:
    slipway("sandbox", "up", "--name", NAME, "--stack", OTHER)
    assert Platform(OTHER).get("sample").status_code == 200
    slipway("sandbox", "down", "--name", NAME, "--stack", OTHER)
    assert platform.get("sample").status_code == 200
