"""What is left in the Docker engine of a node that the platform made."""

from collections.abc import Mapping
from typing import Any

import docker
from docker.errors import APIError, DockerException, NotFound

from ops.left import Resources, Section, named

KINDS = {
    "docker:index/container:Container": "containers",
    "docker:index/volume:Volume": "volumes",
    "docker:index/network:Network": "networks",
}


def look(resources: Resources, stays: frozenset[str]) -> Section | None:
    """By their names."""
    ours = [each for each in resources if each["type"] in KINDS]
    if not ours:
        return None
    section = Section(system="Docker", looked_for=len(ours))
    try:
        client = docker.from_env()
        for each in ours:
            name = str(named(each)["name"])
            if _is_there(client, KINDS[each["type"]], name):
                text = f"{KINDS[each['type']].removesuffix('s')} {name}"
                (section.kept if each["urn"] in stays else section.left).append(text)
    except DockerException as error:
        section.problem = f"the Docker engine does not answer ({type(error).__name__}), so what is left there is not known"
    return section


def has_node(resources: Resources) -> bool | None:
    """Whether the container that is the stack's cluster is there; None for a cluster of another kind, or where no engine answers."""
    node: Mapping[str, Any] | None = next((each for each in resources if each["type"] == "docker:index/container:Container"), None)
    if node is None:
        return None
    try:
        return _is_there(docker.from_env(), "containers", str(named(node)["name"]))
    except DockerException:
        return None


def _is_there(client: docker.DockerClient, kind: str, name: str) -> bool:
    try:
        getattr(client, kind).get(name)
    except NotFound:
        return False
    except APIError as error:
        if error.status_code == 404:
            return False
        raise
    return True
