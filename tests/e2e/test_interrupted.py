"""A run that is killed leaves nothing to repair by hand: the next one takes over what is there, and makes nothing twice."""

from collections.abc import Iterator

import pytest

from tests.e2e.inventory import assert_nothing_left, inventory
from tests.e2e.moments import Moment, kill
from tests.e2e.support import NAME, Platform, slipway

OTHER = f"{NAME}-k"
UP = ("sandbox", "up", "--name", NAME, "--stack", OTHER)
DOWN = ("sandbox", "down", "--name", NAME, "--stack", OTHER)

UP_MOMENTS: dict[str, Moment] = {
    "the stack is locked, nothing is made": lambda state: state.locked,
    "the first keys are made": lambda state: state.has(":PrivateKey"),
    "the GitLab group is made": lambda state: state.has(":Group"),
    "a GitLab project is made": lambda state: state.has("gitlab:index/project:Project"),
    "the node is being made": lambda state: state.doing("creating", ":Container"),
    "the ingress is being installed": lambda state: state.doing("creating", ":Release", "ingress-nginx"),
    "Harbor is being installed": lambda state: state.doing("creating", ":Release", "harbor"),
    "a project of Harbor is being made": lambda state: state.doing("creating", "harbor:index/project:Project"),
    "a robot is being made": lambda state: state.doing("creating", ":RobotAccount"),
    "an image of Jenkins is being pushed": lambda state: state.doing("creating", "docker:index/image:Image"),
    "a bot's token is being made": lambda state: state.doing("creating", "gitlab:index/projectAccessToken:ProjectAccessToken"),
    "the pipelines' tag is made": lambda state: state.has(":ProjectTag"),
    "Jenkins is being installed": lambda state: state.doing("creating", ":Release", "jenkins"),
    "Argo CD is being installed": lambda state: state.doing("creating", ":Release", "argocd"),
    "the deploy token is made": lambda state: state.has(":ProjectDeployToken"),
    "a bootstrap file is committed": lambda state: state.has(":RepositoryFile"),
    "pulumi is through, the sample is not released": lambda state: state.kubeconfig,
}
DOWN_MOMENTS: dict[str, Moment] = {
    "the stack is locked": lambda state: state.locked,
    "the root Application is being deleted": lambda state: state.doing("deleting", ":Application", "root"),
    "Argo CD is being removed": lambda state: state.doing("deleting", ":Release", "argocd"),
    "Jenkins is being removed": lambda state: state.doing("deleting", ":Release", "jenkins"),
    "Harbor is being removed": lambda state: state.doing("deleting", ":Release", "harbor"),
    "the GitLab projects are gone": lambda state: state.lost("gitlab:index/project:Project"),
    "the node is being removed": lambda state: state.doing("deleting", ":Container") or state.lost(":Container"),
}


@pytest.fixture(scope="module")
def undisturbed(platform: Platform) -> dict[str, list[str]]:
    """What a stack consists of that nobody disturbed."""
    slipway(*UP)
    found = inventory(Platform(OTHER))
    slipway(*DOWN)
    return found


@pytest.fixture
def afterwards(platform: Platform) -> Iterator[None]:
    """The stack goes, whatever the test did."""
    yield
    slipway(*DOWN)


@pytest.mark.soak
@pytest.mark.usefixtures("afterwards")
@pytest.mark.parametrize("moment", UP_MOMENTS)
def test_an_up_that_was_killed_goes_on_with_the_next_one(undisturbed: dict[str, list[str]], moment: str) -> None:
    kill(OTHER, UP_MOMENTS[moment], *UP)
    slipway(*UP)
    again = Platform(OTHER)
    assert again.get("sample").status_code == 200
    assert inventory(again) == undisturbed
    again.pulumi("preview", "--expect-no-changes")


@pytest.mark.soak
@pytest.mark.usefixtures("afterwards")
@pytest.mark.parametrize("moment", DOWN_MOMENTS)
def test_a_down_that_was_killed_goes_on_with_the_next_one(platform: Platform, moment: str) -> None:
    slipway(*UP)
    kill(OTHER, DOWN_MOMENTS[moment], *DOWN)
    printed = slipway(*DOWN)
    assert f"The stack {OTHER} is gone" in printed
    assert_nothing_left(platform, OTHER)
    assert platform.get("sample").status_code == 200
