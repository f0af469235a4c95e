"""From Service and EndpointSlice objects to the ready pods behind each port of a Service."""

import ipaddress
from collections.abc import Iterable, Mapping

from .routes import Object


def endpoints(services: Iterable[Object], slices: Iterable[Object]) -> dict[str, list[str]]:
    """Ready pods as `address:port`, by `namespace/service/port`, where an Ingress may give the port's number or name."""
    by_service: dict[tuple[str, str], list[Object]] = {}
    for item in slices:
        service_name = (item["metadata"].get("labels") or {}).get("kubernetes.io/service-name", "")
        by_service.setdefault((item["metadata"]["namespace"], service_name), []).append(item)
    result = {}
    for service in services:
        namespace, name = service["metadata"]["namespace"], service["metadata"]["name"]
        for port in service["spec"].get("ports") or []:
            servers = _servers(by_service.get((namespace, name), []), port.get("name") or "")
            for key in filter(None, (port["port"], port.get("name"))):
                result[f"{namespace}/{name}/{key}"] = servers
    return result


def lines(table: Mapping[str, Iterable[str]]) -> str:
    """The table as `pods.lua` reads it: a line for each key, with its pods. The same table gives the same text."""
    return "".join(f"{key} {' '.join(servers)}\n" for key, servers in sorted(table.items()) if servers)


def _servers(slices: Iterable[Object], port_name: str) -> list[str]:
    return sorted(
        {
            _server(address, port["port"])
            for item in slices
            for port in item.get("ports") or []
            if (port.get("name") or "") == port_name
            for endpoint in item.get("endpoints") or []
            if (endpoint.get("conditions") or {}).get("ready") is not False
            for address in endpoint["addresses"]
        }
    )


def _server(address: str, port: int) -> str:
    parsed = ipaddress.ip_address(address)
    return f"[{parsed}]:{port:d}" if parsed.version == 6 else f"{parsed}:{port:d}"
