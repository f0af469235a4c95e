"""Which Ingresses this controller serves, and the address that it reports on them."""

from collections.abc import Iterable

from .options import Options
from .routes import Object

LEGACY = "kubernetes.io/ingress.class"


def served(ingresses: Iterable[Object], classes: Iterable[Object], options: Options) -> list[Object]:
    """The Ingresses whose class belongs to this controller, by `spec.ingressClassName` or the older annotation."""
    names = {item["metadata"]["name"] for item in classes if item["spec"].get("controller") == options.controller_class}
    return [ingress for ingress in ingresses if _is_served(ingress, names, options)]


def _is_served(ingress: Object, names: set[str], options: Options) -> bool:
    name = ingress["spec"].get("ingressClassName")
    if name is not None:
        return name in names
    legacy = (ingress["metadata"].get("annotations") or {}).get(LEGACY)
    if legacy is not None:
        return bool(legacy == options.ingress_class)
    return options.watch_ingress_without_class


def addresses(node_address: str, services: Iterable[Object], publish_service: str) -> list[Object]:
    """The value of `status.loadBalancer.ingress`.

    Args:
        node_address: the node's internal IP address, reported if no Service is named.
        services: Services of all namespaces.
        publish_service: `namespace/name` of the Service in front of nginx, or empty.
    """
    if not publish_service:
        return [{"ip": node_address}]
    for service in services:
        if publish_service == f"{service['metadata']['namespace']}/{service['metadata']['name']}":
            balanced = service.get("status", {}).get("loadBalancer", {}).get("ingress") or []
            named = [{key: item[key] for key in ("ip", "hostname") if key in item} for item in balanced]
            if service["spec"]["type"] == "LoadBalancer":
                return named
            return [{"ip": service["spec"]["clusterIP"]}]
    return []


def current(ingress: Object) -> list[Object]:
    """What an Ingress's status says now, in the form of `addresses`."""
    found = ingress.get("status", {}).get("loadBalancer", {}).get("ingress") or []
    return [{key: item[key] for key in ("ip", "hostname") if key in item} for item in found]
