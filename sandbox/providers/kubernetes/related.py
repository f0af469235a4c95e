"""The objects that explain why another one is not ready."""

from collections.abc import Mapping
from typing import Any

from sandbox.providers.kubernetes.api import Api
from sandbox.providers.kubernetes.objects import metadata
from sandbox.providers.kubernetes.ready.verdict import Related
from sandbox.providers.kubernetes.transport import ApiError, UnreachableError
from sandbox.providers.plugin import Properties


def related_to(api: Api, item: Properties) -> Related:
    """Return what the readiness check of an object looks at. What may not be read, or cannot at the moment, is left out."""
    namespace = metadata(item).get("namespace")
    match item.get("kind"):
        case "Deployment" | "StatefulSet" | "DaemonSet" | "Job":
            selector = _selector((item.get("spec") or {}).get("selector") or {})
            pods = _list(api, "v1", "Pod", namespace, labelSelector=selector) if selector else []
            return {"Pod": pods, "Event": _warnings(api, namespace)}
        case "Pod":
            return {"Event": _warnings(api, namespace)}
        case "Service":
            label = f"kubernetes.io/service-name={metadata(item)['name']}"
            return {"EndpointSlice": _list(api, "discovery.k8s.io/v1", "EndpointSlice", namespace, labelSelector=label)}
        case "Ingress":
            return {"IngressClass": _list(api, "networking.k8s.io/v1", "IngressClass", None)}
        case "PersistentVolumeClaim":
            return {"StorageClass": _list(api, "storage.k8s.io/v1", "StorageClass", None), "Event": _warnings(api, namespace)}
        case _:
            return {}


def _warnings(api: Api, namespace: str | None) -> list[Properties]:
    return _list(api, "v1", "Event", namespace, fieldSelector="type=Warning")


def _list(api: Api, api_version: str, kind: str, namespace: str | None, **selectors: str) -> list[Properties]:
    try:
        return api.list(api_version, kind, namespace, **selectors)
    except (ApiError, UnreachableError):
        return []


def _selector(selector: Mapping[str, Any]) -> str:
    """Write a label selector as the API's query takes it."""
    parts = [f"{name}={value}" for name, value in (selector.get("matchLabels") or {}).items()]
    for entry in selector.get("matchExpressions") or []:
        key, values = entry["key"], ",".join(entry.get("values") or [])
        written = {"In": f"{key} in ({values})", "NotIn": f"{key} notin ({values})", "Exists": key, "DoesNotExist": f"!{key}"}
        parts.append(written[entry["operator"]])
    return ",".join(parts)
