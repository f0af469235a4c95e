"""Creating and destroying: two stacks side by side, and nothing left of the one that goes."""

from collections.abc import Iterator

import pytest

from tests.e2e.inventory import assert_nothing_left
from tests.e2e.moments import kill
from tests.e2e.support import NAME, Platform, slipway

OTHER = f"{NAME}-b"
UP = ("sandbox", "up", "--name", NAME, "--stack", OTHER)
DOWN = ("sandbox", "down", "--name", NAME, "--stack", OTHER)


@pytest.fixture(scope="module")
def other(platform: Platform) -> Iterator[Platform]:
    """A second stack, with a cluster of its own, in the same sandbox; its first `up` is killed while the node is made."""
    kill(OTHER, lambda state: state.doing("creating", ":Container"), *UP)
    slipway(*UP)
    yield Platform(OTHER)
    slipway(*DOWN)


def test_two_stacks_run_side_by_side_and_one_goes_without_the_other(platform: Platform, other: Platform) -> None:
    assert other.node != platform.node
    assert other.get("sample").status_code == 200
    assert platform.get("sample").status_code == 200
    pods = {platform.answer("sample")["hostname"], other.answer("sample")["hostname"]}
    assert len(pods) == 2, "each cluster runs its own"

    kill(OTHER, lambda state: state.doing("deleting", ":Application", "root"), *DOWN)
    printed = slipway(*DOWN)

    assert f"The stack {OTHER} is gone" in printed
    assert_nothing_left(platform, OTHER)
    assert platform.get("sample").status_code == 200
    platform.pulumi("preview", "--expect-no-changes")


def test_a_destroyed_stack_comes_up_again(platform: Platform, other: Platform) -> None:
    slipway(*UP)
    again = Platform(OTHER)
    assert again.get("sample").status_code == 200
    slipway(*DOWN)
    assert_nothing_left(platform, OTHER)
