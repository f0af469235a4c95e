"""What a container has beside its inputs."""

from collections.abc import Mapping
from typing import Any

from sandbox.providers.plugin import UNKNOWN, Properties

_PORT = {"ip": "0.0.0.0", "protocol": "tcp"}


def expected(inputs: Properties) -> Properties:
    """Return what is computed, as far as it is known before the container exists."""
    unknown = dict.fromkeys(("bridge", "networkDatas", "exitCode"), UNKNOWN)
    ports = [{**_PORT, "external": UNKNOWN, **port} for port in inputs.get("ports") or []]
    return {**unknown, "hostname": inputs.get("hostname", UNKNOWN), **({"ports": ports} if ports else {})}


def computed(inputs: Properties, found: Any) -> Properties:
    """Return what is computed from the daemon's description of the container."""
    settings = found["NetworkSettings"]
    ports = [_published(port, settings.get("Ports") or {}) for port in inputs.get("ports") or []]
    return {
        "hostname": found["Config"]["Hostname"],
        "networkDatas": _network_datas(inputs, settings["Networks"]),
        "bridge": settings.get("Bridge") or "",
        "exitCode": found["State"]["ExitCode"],
        **({"ports": ports} if ports else {}),
    }


def _network_datas(inputs: Properties, networks: Mapping[str, Properties]) -> list[Properties]:
    """Return what the container has on each network, in the order of the inputs, whose first is the main one."""
    order = {network["name"]: index for index, network in enumerate(inputs.get("networksAdvanced") or [])}
    return [_network_data(name, networks[name]) for name in sorted(networks, key=lambda name: (order.get(name, len(order)), name))]


def _network_data(name: str, network: Properties) -> Properties:
    return {
        "networkName": name,
        "ipAddress": network["IPAddress"],
        "ipPrefixLength": network["IPPrefixLen"],
        "gateway": network["Gateway"],
        "globalIpv6Address": network["GlobalIPv6Address"],
        "globalIpv6PrefixLength": network["GlobalIPv6PrefixLen"],
        "ipv6Gateway": network["IPv6Gateway"],
        "macAddress": network["MacAddress"],
    }


def _published(port: Properties, published: Mapping[str, Any]) -> Properties:
    """Return the port with the host's port that the daemon chose."""
    bindings = published.get(f"{port['internal']}/{port.get('protocol') or 'tcp'}") or [{}]
    chosen = int(bindings[0].get("HostPort") or 0)
    return {**_PORT, **port, "external": port.get("external") or chosen}
