"""Which fields of which kinds cannot be changed in place, so that a change replaces the object.

As the official provider has it, plus the fields that the API server refuses to change with "field is immutable":
https://github.com/pulumi/pulumi-kubernetes/blob/v4.34.2/provider/pkg/provider/diff.go
"""

from collections.abc import Mapping
from typing import Any, Final

_IDENTITY: Final = ("kind", "metadata.name", "metadata.namespace")

_FIELDS: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("apps", "Deployment"): ("spec.selector",),
    ("apps", "DaemonSet"): ("spec.selector",),
    ("apps", "ReplicaSet"): ("spec.selector",),
    ("apps", "StatefulSet"): ("spec.selector", "spec.serviceName", "spec.podManagementPolicy", "spec.volumeClaimTemplates"),
    ("batch", "Job"): ("spec.selector", "spec.template", "spec.completions", "spec.completionMode", "spec.manualSelector"),
    ("", "PersistentVolumeClaim"): (
        "spec.accessModes",
        "spec.selector",
        "spec.storageClassName",
        "spec.volumeName",
        "spec.volumeMode",
        "spec.dataSource",
        "spec.dataSourceRef",
    ),
    ("", "ResourceQuota"): ("spec.scopes", "spec.scopeSelector"),
    ("", "Service"): ("spec.clusterIP",),
    ("", "Secret"): ("type",),
    ("rbac.authorization.k8s.io", "RoleBinding"): ("roleRef",),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): ("roleRef",),
    ("storage.k8s.io", "StorageClass"): ("parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"),
    ("networking.k8s.io", "IngressClass"): ("spec.controller",),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): ("spec.group", "spec.scope", "spec.names.plural", "spec.names.kind"),
}
_DATA: Final[dict[str, tuple[str, ...]]] = {"Secret": ("data", "stringData"), "ConfigMap": ("data", "binaryData")}
_POD_MUTABLE: Final = frozenset({"activeDeadlineSeconds", "tolerations", "containers", "initContainers"})
_VOLUME_MUTABLE: Final = frozenset(
    {"capacity", "accessModes", "claimRef", "persistentVolumeReclaimPolicy", "mountOptions", "storageClassName", "nodeAffinity"}
)


def replacing(old: Mapping[str, Any], new: Mapping[str, Any], mutable: frozenset[str] = frozenset()) -> list[str]:
    """Return the paths that force a replacement between two inputs of one resource.

    `mutable` holds the kinds among Secret and ConfigMap whose data the provider's configuration allows to change in place. Without it a
    change of data is a replacement, as the official provider does it: with a generated name, the pods that use it are rolled out anew.
    """
    kind, group = str(new.get("kind")), _group(new)
    fields = [*_IDENTITY, *_FIELDS.get((group, kind), ())]
    if group != _group(old):  # another version of one group is the same object
        fields.append("apiVersion")
    if group == "" and kind in _DATA and (kind not in mutable or old.get("immutable") is True):
        fields += [*_DATA[kind], *(["immutable"] if old.get("immutable") is True else [])]
    if group == "" and kind == "Pod":
        fields += _pod(old, new)
    if group == "" and kind == "PersistentVolume":
        fields += [f"spec.{name}" for name in _specification(old, new) if name not in _VOLUME_MUTABLE]
    return fields


def _group(item: Mapping[str, Any]) -> str:
    return str(item.get("apiVersion", "")).rpartition("/")[0]


def _specification(*items: Mapping[str, Any]) -> list[str]:
    return sorted({name for item in items if isinstance(item.get("spec"), Mapping) for name in item["spec"]})


def _pod(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Of a pod only the images, a deadline and additional tolerations can be changed."""
    fields = [f"spec.{name}" for name in _specification(old, new) if name not in _POD_MUTABLE]
    for section in ("containers", "initContainers"):
        containers = [entry for item in (old, new) if isinstance(item.get("spec"), Mapping) for entry in item["spec"].get(section) or []]
        names = {name for entry in containers if isinstance(entry, Mapping) for name in entry}
        fields += [f"spec.{section}[*].{name}" for name in sorted(names - {"image"})]
    return fields
