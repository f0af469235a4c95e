"""Services and Ingresses."""

from sandbox.providers.kubernetes.ready.verdict import Ready, Related, Verdict, Waiting, status
from sandbox.providers.plugin import Properties


def service(item: Properties, related: Related) -> Verdict:
    """A service is ready when a ready pod is behind it and, for a load balancer, it has an address.

    One without a selector, a headless one and an ExternalName have nothing to wait for.
    """
    spec = item.get("spec") or {}
    kind = spec.get("type") or "ClusterIP"
    if kind == "ExternalName":
        return Ready()
    if kind == "LoadBalancer" and not _has_address(item):
        return Waiting("no load balancer has given it an address; a cluster without one needs type ClusterIP or NodePort")
    if not spec.get("selector") or spec.get("clusterIP") == "None":
        return Ready()
    endpoints = [endpoint for found in related.get("EndpointSlice", []) for endpoint in found.get("endpoints") or []]
    if any((endpoint.get("conditions") or {}).get("ready") is not False for endpoint in endpoints):
        return Ready()
    if endpoints:
        return Waiting(f"none of the {len(endpoints)} pods behind it is ready")
    selector = ",".join(f"{name}={value}" for name, value in sorted(spec["selector"].items()))
    return Waiting(f"no pod matches its selector {selector}")


def ingress(item: Properties, related: Related) -> Verdict:
    """An ingress is ready when a controller has published its address."""
    if _has_address(item):
        return Ready()
    classes = [found["metadata"]["name"] for found in related.get("IngressClass", [])]
    wanted = (item.get("spec") or {}).get("ingressClassName")
    if wanted and wanted not in classes:
        return Waiting(f"there is no ingress class {wanted!r}; the cluster has {', '.join(sorted(classes)) or 'none'}")
    return Waiting(f"no controller of the ingress class {wanted or '(default)'!r} has published an address for it")


def _has_address(item: Properties) -> bool:
    return bool((status(item).get("loadBalancer") or {}).get("ingress"))
