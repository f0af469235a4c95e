"""What the tests of Harbor's types make and change."""

from typing import Any

import httpx

from sandbox.providers.plugin import State
from tests.unit.sandbox.providers.harbor.server import Kind, Served

SECRET, OTHER_SECRET = "Aa1" + "x" * 20, "Bb2" + "y" * 20
PULL = [{"kind": "project", "namespace": "*", "accesses": [{"resource": "repository", "action": "pull"}]}]
PUSH_TOO = [{**PULL[0], "accesses": [{"resource": "repository", "action": each} for each in ("push", "pull")]}]
KEPT = {"mostRecentlyPushed": 10, "repoMatching": "**", "tagMatching": "**"}
TYPES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "Project": ({"name": "one", "storageQuota": 5}, {"public": True, "deploymentSecurity": "high", "cveAllowlists": ["CVE-2024-1"]}),
    "RobotAccount": (
        {"name": "one", "level": "system", "permissions": PULL, "secret": SECRET, "duration": 30},
        {"permissions": PUSH_TOO, "description": "new", "disable": True, "duration": 60},
    ),
    "ImmutableTagRule": ({"tagMatching": "v*", "repoMatching": "**"}, {"tagMatching": "release-*", "disabled": True}),
    "Registry": (
        {"name": "one", "providerName": "docker-registry", "endpointUrl": ""},
        {"description": "new", "accessId": "me", "accessSecret": SECRET},
    ),
    "RetentionPolicy": (
        {"rules": [KEPT], "schedule": "daily"},
        {"rules": [KEPT, {**KEPT, "tagMatching": "v*"}], "schedule": "0 0 1 * * *"},
    ),
    "ConfigSystem": ({"robotTokenExpiration": 10}, {"storagePerProject": 7, "bannerMessage": {"message": "hello", "type": "warning"}}),
}
IDS = {
    "Project": r"/projects/\d+",
    "RobotAccount": r"/robots/\d+",
    "ImmutableTagRule": r"/projects/\d+/immutabletagrules/\d+",
    "Registry": r"/registries/\d+",
    "RetentionPolicy": r"/retentions/\d+",
    "ConfigSystem": "configuration/system",
}
Made = tuple[Kind, State, dict[str, Any]]
SECRETS = {"secret", "accessSecret"}
UNREAD = {"storageQuota", "forceDestroy"}
OWNERS = {"ImmutableTagRule": "projectId", "RetentionPolicy": "scope"}


def wanted(served: Served, name: str, project: State) -> dict[str, Any]:
    """The inputs of one of this type, at the addresses that there are."""
    inputs = TYPES[name][0]
    where = {"endpointUrl": served.registry} if name == "Registry" else {}
    return {**inputs, **where, **({OWNERS[name]: project.id} if name in OWNERS else {})}


def logs_in(address: str, robot: State, secret: str) -> bool:
    """Whether the robot gets a token for the registry."""
    account = (robot.outputs["fullName"], secret)
    answer = httpx.get(f"{address}/service/token", params={"service": "harbor-registry"}, auth=account, trust_env=False)
    return answer.status_code == 200
