"""Creating and destroying: two stacks side by side, and nothing left of the one that goes."""

import json
import re
from collections.abc import Iterator

import pytest

from sandbox.harbor import administrator
from sandbox.outside import GITLAB_GROUP
from sandbox.sample.release import SAMPLE
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


def test_a_destroyed_stack_comes_up_again_and_goes_by_the_products_own_command(platform: Platform, other: Platform) -> None:
    slipway(*UP)
    again = Platform(OTHER)
    assert again.get("sample").status_code == 200
    image = f"{SAMPLE.user}/{SAMPLE.project}"
    tag = again.tag_of_sample()
    wrong = again.slipway("down", "--purge", "--yes-delete", "1")
    assert wrong.returncode == 1
    assert "the plan deletes" in wrong.stderr
    assert again.get("sample").status_code == 200, "nothing was changed"

    kept = again.slipway("down", "--yes")
    assert kept.returncode == 0, kept.stdout + kept.stderr
    assert f"GitLab project {GITLAB_GROUP}/{OTHER}/gitops" in kept.stderr
    assert "Harbor project acme" in kept.stderr
    assert again.get("sample").status_code != 200
    assert administrator(again.stack, again.world).digest(SAMPLE.workspace, image, tag), "what holds data is kept"
    assert again.gitlab.projects.get(f"{GITLAB_GROUP}/{OTHER}/gitops").default_branch == "main"

    told = json.loads(again.slipway("down", "--yes", "--output", "json").stdout)
    assert told["code"] == 0, "and again: there is nothing to do"
    number = len(re.findall(r"^  (GitLab|Harbor) ", kept.stderr, re.M))
    purged = again.slipway("down", "--purge", "--yes-delete", str(number))
    assert purged.returncode == 0, purged.stdout + purged.stderr
    assert f"Nothing is left of {OTHER}" in purged.stdout
    assert again.slipway("down", "--purge").returncode == 0, "there is no such stack any more, which is as it should be"
    slipway(*DOWN)
    assert_nothing_left(platform, OTHER)
