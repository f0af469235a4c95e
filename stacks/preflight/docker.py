"""Whether the Docker engine is there for a node, and the node's name and address are free."""

import os
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from components.cluster import STACK_LABEL
from stacks.model.cluster import Node
from stacks.node import node_name

DEFAULT_HOST = "unix:///var/run/docker.sock"
TIMEOUT_SECONDS = 10.0


def problems(node: Node, stack: str) -> Iterator[str]:
    """A line for each thing that would keep the node from being made."""
    host = os.environ.get("DOCKER_HOST") or DEFAULT_HOST
    kind, _, place = host.partition("://")
    if kind not in {"unix", "tcp", "http"}:  # ssh, npipe: the provider's own business
        return
    if kind == "unix" and Path(place).exists() and not os.access(place, os.R_OK | os.W_OK):
        yield f"Docker's socket {place} may not be used by this user; join its group (sudo usermod -aG docker $USER), or set DOCKER_HOST"
        return
    transport = httpx.HTTPTransport(uds=place) if kind == "unix" else httpx.HTTPTransport()
    address = "http://docker" if kind == "unix" else f"http://{place}"
    try:
        with httpx.Client(base_url=address, transport=transport, timeout=TIMEOUT_SECONDS) as engine:
            yield from _node(engine, node, stack)
    except (httpx.HTTPError, ValueError) as error:
        yield f"no Docker engine answers at {host} ({error}); start it (sudo systemctl start docker), or set DOCKER_HOST"


def _node(engine: httpx.Client, node: Node, stack: str) -> Iterator[str]:
    name = node_name(node, stack)
    found = engine.get(f"/containers/{quote(name)}/json")
    if found.is_success and _labels(found.json()).get(STACK_LABEL) != stack:
        yield (
            f"Docker container {name} is there and not of the stack {stack}; remove it (docker rm -f {name}), or name the stack otherwise"
        )
    network = engine.get(f"/networks/{quote(node.network)}")
    if network.status_code == 404:
        yield f"Docker network {node.network!r} does not exist; docker network create {node.network}, or set slipway:cluster.node.network"
    elif network.is_success:
        yield from _address(network.json(), node, name)


def _address(network: dict[str, Any], node: Node, name: str) -> Iterator[str]:
    subnets = [subnet for pool in (network.get("IPAM") or {}).get("Config") or [] if (subnet := pool.get("Subnet"))]
    if subnets and not any(node.address in ip_network(subnet) for subnet in subnets):
        yield (
            f"address {node.address} is not on the Docker network {node.network!r} ({', '.join(subnets)}); "
            "set slipway:cluster.node.address to a free one there"
        )
    for container in (network.get("Containers") or {}).values():
        if container["IPv4Address"].partition("/")[0] == str(node.address) and container["Name"] != name:
            yield f"address {node.address} is taken by the container {container['Name']}; set slipway:cluster.node.address to a free one"


def _labels(container: dict[str, Any]) -> dict[str, str]:
    return (container.get("Config") or {}).get("Labels") or {}
