"""From Ingress and Secret objects to sites: which host and path leads to which Service's pods.

Whoever may create an Ingress chooses hosts, paths and annotations, and everybody shares one nginx. So a value reaches
the configuration only if it matches what is allowed for it; the rest is left out, with a warning.
"""

import base64
import hashlib
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Object = dict[str, Any]
"""A Kubernetes object as the API gives it in JSON."""

log = logging.getLogger(__name__)

ANNOTATION = "nginx.ingress.kubernetes.io/"
HOST = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
PATH = re.compile(r"/[A-Za-z0-9._~@:+,=/-]*")
PODS = re.compile(r"[a-z0-9-]+/[a-z0-9-]+/[a-z0-9-]+")
SIZE = re.compile(r"[0-9]+[kKmMgG]?")


@dataclass(frozen=True)
class Location:
    """Where requests go: `pods` is a key of `endpoints.endpoints`; None means nowhere."""

    pods: str | None
    scheme: str = "http"
    body_limit: str = "1m"
    to_https: bool = True


@dataclass
class Site:
    """One host; `locations` is keyed by what nginx's `location` directive takes, such as `= /a`."""

    certificate: str | None = None
    locations: dict[str, Location] = field(default_factory=dict)


def certificate_pem(secret: Object) -> bytes:
    """Certificate chain and private key of a TLS Secret in one PEM text."""
    return b"\n".join(base64.b64decode(secret["data"][key]) for key in ("tls.crt", "tls.key"))


def certificate_name(secret: Object) -> str:
    """File name of a TLS Secret's PEM text: it changes with the content, so that nginx reloads."""
    return hashlib.sha256(certificate_pem(secret)).hexdigest() + ".pem"


def sites(ingresses: Iterable[Object], secrets: Iterable[Object]) -> dict[str, Site]:
    """Sites by host; the host "" takes what no other does. On a conflict the oldest Ingress wins.

    Args:
        ingresses: those that this controller serves.
        secrets: TLS Secrets with a usable certificate.
    """
    certificates = {_key(secret): certificate_name(secret) for secret in secrets}
    result: dict[str, Site] = {}
    oldest_first = sorted(ingresses, key=_age)
    routes = [route for ingress in oldest_first for route in _routes(ingress)]
    # An exact path wins over an equal prefix.
    for route in sorted(routes, key=lambda route: not route.exact):
        location = _location(route.ingress, route.backend)
        result.setdefault(route.host, Site()).locations.setdefault(route.match, location)
    for ingress in oldest_first:
        namespace = ingress["metadata"]["namespace"]
        for entry in ingress["spec"].get("tls") or []:
            certificate = certificates.get((namespace, entry.get("secretName", "")))
            for host in entry.get("hosts") or []:
                if certificate and host in result and result[host].certificate is None:
                    result[host].certificate = certificate
    return result


@dataclass(frozen=True)
class _Route:
    ingress: Object
    host: str
    match: str
    backend: Object
    exact: bool = False


def _routes(ingress: Object) -> list[_Route]:
    spec, found = ingress["spec"], []
    rules = spec.get("rules") or []
    for rule in rules:
        host = rule.get("host", "")
        if host and not HOST.fullmatch(host):
            _refuse(ingress, "host", host)
            continue
        for path in (rule.get("http") or {}).get("paths", []):
            text = path.get("path") or "/"
            if PATH.fullmatch(text):
                exact = path.get("pathType") == "Exact"
                matches = _matches(text, path.get("pathType"))
                found += [_Route(ingress, host, match, path["backend"], exact) for match in matches]
            else:
                _refuse(ingress, "path", text)
    if default := spec.get("defaultBackend"):
        hosts = {rule.get("host", "") for rule in rules} or {""}
        found += [_Route(ingress, host, "/", default) for host in sorted(hosts) if not host or HOST.fullmatch(host)]
    return found


def _matches(path: str, path_type: str | None) -> list[str]:
    if path_type == "Exact":
        return [f"= {path}"]
    if path_type == "Prefix":
        # Whole path elements match: /a takes /a and /a/b, not /ab.
        # https://kubernetes.io/docs/concepts/services-networking/ingress/#examples
        stem = path.rstrip("/")
        return [f"{stem}/", f"= {stem}"] if stem else ["/"]
    return [path]


def _location(ingress: Object, backend: Object) -> Location:
    annotations = ingress["metadata"].get("annotations") or {}
    limit = annotations.get(ANNOTATION + "proxy-body-size", "1m")
    if not SIZE.fullmatch(limit):
        _refuse(ingress, "proxy-body-size", limit)
        limit = "1m"
    protocol = annotations.get(ANNOTATION + "backend-protocol", "HTTP")
    if protocol not in ("HTTP", "HTTPS"):
        _refuse(ingress, "backend-protocol", protocol)
        protocol = "HTTP"
    to_https = annotations.get(ANNOTATION + "ssl-redirect") != "false"
    return Location(_pods(ingress, backend), scheme=protocol.lower(), body_limit=limit, to_https=to_https)


def _pods(ingress: Object, backend: Object) -> str | None:
    service = backend.get("service") or {"name": "", "port": {}}
    port = service["port"].get("name") or service["port"].get("number")
    pods = f"{ingress['metadata']['namespace']}/{service['name']}/{port}"
    if PODS.fullmatch(pods):
        return pods
    _refuse(ingress, "backend", str(backend))
    return None


def _key(item: Object) -> tuple[str, str]:
    return item["metadata"]["namespace"], item["metadata"]["name"]


def _age(ingress: Object) -> tuple[str, tuple[str, str]]:
    return ingress["metadata"].get("creationTimestamp", ""), _key(ingress)


def _refuse(ingress: Object, what: str, value: str) -> None:
    log.warning("Ingress %s/%s: %s %r is not supported and was left out", *_key(ingress), what, value)
