"""Robot accounts of Harbor, each with a password that the engine makes: a leaf that the components share."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_random as random
import pulumiverse_harbor as harbor

PULL = (("repository", "pull"),)
"""What who runs an image needs: https://goharbor.io/docs/2.14.0/working-with-projects/working-with-images/"""
PUSH = (
    *PULL,
    ("repository", "push"),
    ("repository", "list"),
    ("repository", "read"),
    ("artifact", "list"),
    ("artifact", "read"),
    ("artifact-addition", "read"),
    ("scan", "create"),
    ("scan", "read"),
    ("tag", "create"),
    ("tag", "list"),
)
"""What a pipeline needs: it pushes, waits for the scan's report, and then adds the tag of the release."""

SCAN = tuple(right for right in PUSH if right not in {("repository", "push"), ("tag", "create")})
"""What the update job needs: it asks whether a scan still passes, and has what is old scanned anew."""

Rights = Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Credential:
    """A name and a password (secret) at a registry."""

    username: pulumi.Output[str]
    password: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class Lifetime:
    """days: until a robot's credential expires. generation: another number makes a new robot, whose days begin anew."""

    days: int
    generation: int


def robot(
    parent: pulumi.Resource,
    name: str,
    *,
    account: str,
    description: str,
    rights: Sequence[tuple[pulumi.Input[str], Rights]],
    lifetime: Lifetime,
    deleted_with: pulumi.Resource | None,
) -> Credential:
    """A robot account, a child of `parent`.

    `account` is its name in Harbor, to which the generation is added; `rights` lists projects, each with what the robot
    may do there.

    A renewed robot is another one, made and handed out before the old one is deleted, so nobody is locked out.
    """
    password = random.RandomPassword(
        name,
        length=32,
        special=False,
        min_lower=1,  # Harbor wants one of each
        min_upper=1,
        min_numeric=1,
        keepers={"generation": str(lifetime.generation)},
        opts=pulumi.ResourceOptions(parent=parent),
    )
    made = harbor.RobotAccount(
        name,
        name=f"{account}-{lifetime.generation}",
        description=description,
        level="system",
        duration=lifetime.days,
        secret=password.result,
        permissions=[
            harbor.RobotAccountPermissionArgs(
                kind="project",
                namespace=project,
                accesses=[harbor.RobotAccountPermissionAccessArgs(resource=resource, action=action) for resource, action in allowed],
            )
            for project, allowed in rights
        ],
        # A renewed one is made anew: Harbor counts the days from an account's creation, also where they are changed.
        opts=pulumi.ResourceOptions(parent=parent, replace_on_changes=["name"], deleted_with=deleted_with),
    )
    return Credential(username=made.full_name, password=password.result)
