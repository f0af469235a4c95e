"""Kubernetes objects as plain dictionaries: what they are called, how their types are written, and what their annotations say."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from sandbox.providers.plugin import UNKNOWN, Properties

AUTONAMED: Final = "pulumi.com/autonamed"
SKIP_AWAIT: Final = "pulumi.com/skipAwait"
TIMEOUT_SECONDS: Final = "pulumi.com/timeoutSeconds"
WAIT_FOR: Final = "pulumi.com/waitFor"
PATCH_FORCE: Final = "pulumi.com/patchForce"
PATCH_FIELD_MANAGER: Final = "pulumi.com/patchFieldManager"
DELETION_PROPAGATION: Final = "pulumi.com/deletionPropagationPolicy"

_PREFIX: Final = "kubernetes:"
_CLUSTER_SCOPED: Final = frozenset(
    [
        "Namespace",
        "Node",
        "PersistentVolume",
        "CustomResourceDefinition",
        "ClusterRole",
        "ClusterRoleBinding",
        "StorageClass",
        "IngressClass",
        "PriorityClass",
        "RuntimeClass",
        "CSIDriver",
        "CSINode",
        "VolumeAttachment",
        "MutatingWebhookConfiguration",
        "ValidatingWebhookConfiguration",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "APIService",
        "CertificateSigningRequest",
        "FlowSchema",
        "PriorityLevelConfiguration",
        "ClusterTrustBundle",
        "DeviceClass",
        "ServiceCIDR",
        "IPAddress",
        "VolumeAttributesClass",
    ]
)


def type_of(token: str) -> tuple[str, str] | None:
    """Return the apiVersion and kind of a type token (`kubernetes:apps/v1:Deployment`), or None where it names no Kubernetes kind."""
    _, _, rest = token.partition(_PREFIX)
    api_version, separator, kind = rest.partition(":")
    if not separator or "/" not in api_version or not kind:
        return None
    group, version = api_version.split("/", 1)
    return (version if group == "core" else api_version), kind


def assumed_namespaced(kind: str) -> bool:
    """Whether a kind has namespaces, as far as can be told without asking a cluster."""
    return kind not in _CLUSTER_SCOPED


def metadata(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the metadata of an object, empty where it has none or they are not known yet."""
    found = item.get("metadata")
    return found if isinstance(found, Mapping) else {}


def annotation(item: Mapping[str, Any], key: str) -> str:
    """Return an annotation's value, empty where it is absent or not known yet."""
    annotations = metadata(item).get("annotations")
    value = annotations.get(key) if isinstance(annotations, Mapping) else None
    return value if isinstance(value, str) else ""


def is_set(item: Mapping[str, Any], key: str) -> bool:
    """Whether an annotation is "true"."""
    return annotation(item, key) == "true"


def identity(item: Mapping[str, Any]) -> str:
    """Return the Pulumi id of an object: `namespace/name`, or `name` where it has no namespace."""
    found = metadata(item)
    return f"{found['namespace']}/{found['name']}" if found.get("namespace") else str(found["name"])


def split_identity(identity: str) -> tuple[str | None, str]:
    """Return the namespace (None without one) and the name of a Pulumi id."""
    namespace, separator, name = identity.partition("/")
    return (namespace, name) if separator else (None, namespace)


def title(item: Mapping[str, Any]) -> str:
    """Return how messages call an object: `Deployment default/web`."""
    return f"{item.get('kind', 'object')} {identity(item)}"


def has_unknown(value: Any) -> bool:
    """Whether a value is, or holds, something that is not known yet."""
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return value is UNKNOWN


def with_metadata(item: Properties, **fields: Any) -> Properties:
    """Return a copy of an object with these fields of its metadata set, or removed where None."""
    changed = deepcopy(item)
    changed["metadata"] = {name: value for name, value in {**metadata(item), **fields}.items() if value is not None}
    return changed


def without_nulls(value: Any) -> Any:
    """Return a value without the properties that are None: for the engine absent, for the API server a value."""
    if isinstance(value, Mapping):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


def with_dashes(value: Any) -> Any:
    """Return a schema with the names that Python cannot write: the SDK sends `x_kubernetes_list_type` for `x-kubernetes-list-type`."""
    if isinstance(value, Mapping):
        return {name.replace("_", "-") if name.startswith("x_kubernetes_") else name: with_dashes(item) for name, item in value.items()}
    if isinstance(value, list):
        return [with_dashes(item) for item in value]
    return value
