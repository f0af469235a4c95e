"""Creating and destroying: two stacks side by side, and nothing left of the one that goes."""

import os
import signal
from collections.abc import Iterator

import pytest
from gitlab.exceptions import GitlabGetError

from sandbox.outside import GITLAB_GROUP
from tests.e2e.support import NAME, Platform, eventually, slipway, start

OTHER = f"{NAME}-b"


@pytest.fixture(scope="module")
def other(platform: Platform) -> Iterator[Platform]:
    """A second stack, with a cluster of its own, in the same sandbox; its first `up` is killed while the node is made."""
    arguments = ("sandbox", "up", "--name", NAME, "--stack", OTHER)
    with start(*arguments) as first:
        node = f"{platform.sandbox.network}-{OTHER}"
        eventually(lambda: platform.docker.containers.list(filters={"name": node, "status": "running"}), 120, "the node is being made")
        os.killpg(first.pid, signal.SIGKILL)
    slipway(*arguments)
    yield Platform(OTHER)
    slipway("sandbox", "down", "--name", NAME, "--stack", OTHER)


def test_two_stacks_run_side_by_side_and_one_goes_without_the_other(platform: Platform, other: Platform) -> None:
    assert other.node != platform.node
    assert other.get("sample").status_code == 200
    assert platform.get("sample").status_code == 200
    pods = {platform.answer("sample")["hostname"], other.answer("sample")["hostname"]}
    assert len(pods) == 2, "each cluster runs its own"

    printed = slipway("sandbox", "down", "--name", NAME, "--stack", OTHER)

    assert f"The stack {OTHER} is gone" in printed
    _assert_nothing_left(other)
    assert platform.get("sample").status_code == 200
    platform.pulumi("preview", "--expect-no-changes")


def test_a_destroyed_stack_comes_up_again(platform: Platform, other: Platform) -> None:
    slipway("sandbox", "up", "--name", NAME, "--stack", OTHER)
    again = Platform(OTHER)
    assert again.get("sample").status_code == 200
    slipway("sandbox", "down", "--name", NAME, "--stack", OTHER)
    _assert_nothing_left(again)


def _assert_nothing_left(gone: Platform) -> None:
    own = f"{gone.sandbox.network}-{OTHER}"
    assert not gone.docker.containers.list(all=True, filters={"name": own})
    assert not gone.docker.volumes.list(filters={"name": own})
    with pytest.raises(GitlabGetError, match="404"):
        gone.gitlab.groups.get(f"{GITLAB_GROUP}/{OTHER}")
    assert not gone.stack.config.exists()
    assert not gone.stack.kubeconfig.exists()
