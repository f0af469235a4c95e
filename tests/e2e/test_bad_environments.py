"""A wrong configuration or environment ends `pulumi up` with one clear error, before anything is made."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from gitlab.exceptions import GitlabGetError

from sandbox.cache import ROOT, write
from sandbox.outside import GITLAB_GROUP
from tests.e2e.support import Platform

OTHER = "wrong"


@pytest.fixture(scope="module")
def good(platform: Platform) -> Iterator[dict[str, Any]]:
    """The configuration of a further stack, as good as the platform's own; nobody brings it up."""
    folder = platform.stack.config.parent
    platform.stack.pulumi("stack", "init", OTHER, folder=folder)
    file = folder / f"Pulumi.{OTHER}.yaml"
    content: dict[str, Any] = yaml.safe_load(file.read_text())
    config = json.loads(platform.pulumi("config", "--json", "--show-secrets"))
    content["config"] = {key: each.get("objectValue", each.get("value")) for key, each in config.items() if each.get("value") is not None}
    node = content["config"]["slipway:cluster"]["node"]
    node["address"] = node["address"].rpartition(".")[0] + ".99"
    yield content
    platform.stack.pulumi("stack", "rm", OTHER, "--yes", folder=folder)
    file.unlink(missing_ok=True)


def bad_key(config: dict[str, Any], platform: Platform) -> str:
    config["slipway:domian"] = "dev.test"
    return "slipway:domian is not a known key"


def bad_type(config: dict[str, Any], platform: Platform) -> str:
    config["slipway:ingress"]["hostPort"] = "perhaps"
    return "slipway:ingress.hostPort is 'perhaps'"


def bad_token(config: dict[str, Any], platform: Platform) -> str:
    config["slipway:gitlab"]["token"] = "no-token"
    return "refuses the token (HTTP 401)"


def bad_address(config: dict[str, Any], platform: Platform) -> str:
    config["slipway:cluster"]["node"]["address"] = platform.node
    return f"address {platform.node} is taken by the container"


def bad_name(config: dict[str, Any], platform: Platform) -> str:
    config["slipway:gitlab"]["subgroup"] = platform.name
    return f"GitLab group '{GITLAB_GROUP}/{platform.name}' is there already, and not of this stack"


def bad_charts(config: dict[str, Any], platform: Platform) -> str:
    config["slipway:charts"] = {"source": "/nonexistent"}
    return "chart directory /nonexistent has no argo-cd/Chart.yaml"


@pytest.mark.parametrize("spoil", [bad_key, bad_type, bad_token, bad_address, bad_name, bad_charts])
def test_it_is_told_once_and_nothing_is_made(platform: Platform, good: dict[str, Any], spoil: Any) -> None:
    content = json.loads(json.dumps(good))
    expected = spoil(content["config"], platform)
    file = platform.stack.config.parent / f"Pulumi.{OTHER}.yaml"
    write(file, yaml.safe_dump(content))
    environment = platform.stack.environ() | {"PULUMI_STACK": OTHER, "PULUMI_OPTION_CONFIG_FILE": str(file)}
    command = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    told = result.stdout + result.stderr
    assert result.returncode != 0, told
    assert told.count(expected) == 1, told
    assert "Traceback" not in told
    exported = json.loads(platform.stack.pulumi("stack", "export", "--stack", OTHER, folder=file.parent))
    made = [each["type"] for each in exported["deployment"].get("resources", [])]
    assert [each for each in made if each != "pulumi:pulumi:Stack"] == []
    with pytest.raises(GitlabGetError, match="404"):
        platform.gitlab.groups.get(f"{GITLAB_GROUP}/{OTHER}")
    assert not platform.docker.containers.list(all=True, filters={"name": f"{platform.sandbox.network}-{OTHER}"})
