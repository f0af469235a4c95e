"""Pods from templates, as the Kubernetes plugin merges them: https://plugins.jenkins.io/kubernetes."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any, Final

import yaml

from sandbox.services.jenkins.model import StepError
from sandbox.services.jenkins.running.ports import Manifest

HOME: Final = "/home/jenkins/agent"
WORKSPACE: Final = "workspace-volume"
AGENT: Final = "jnlp"
# Lists whose entries are merged, and what tells entries apart.
KEYS: Final = dict.fromkeys(("containers", "initContainers", "volumes", "env", "imagePullSecrets"), "name") | {"volumeMounts": "mountPath"}
MAPS: Final = ("metadata", "spec", "labels", "annotations", "nodeSelector", "resources", "requests", "limits", "securityContext")


def labels_of(template: Mapping[str, Any]) -> set[str]:
    """Return the labels of a template."""
    return set(str(template.get("label") or "").split())


def by_label(templates: Sequence[Mapping[str, Any]], label: str) -> Mapping[str, Any] | None:
    """Return the template that has all labels of an expression such as `a && b`."""
    wanted = set(label.replace("&&", " ").split())
    return next((each for each in templates if wanted and wanted <= labels_of(each)), None)


def by_name(templates: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    """Return the template that is inherited from, by its name or label. Raises StepError."""
    found = next((each for each in templates if each.get("name") == name), None) or by_label(templates, name)
    if found is None:
        known = ", ".join(sorted(str(each.get("name")) for each in templates)) or "none"
        raise StepError(f"Template not found: {name}; the cloud has: {known}")
    return found


def merged(templates: Sequence[Mapping[str, Any]], template: Mapping[str, Any], above: tuple[str, ...] = ()) -> Manifest:
    """Return the pod of a template: what it inherits, its settings, and its YAML over both. Raises StepError."""
    pod: Manifest = {}
    for name in str(template.get("inheritFrom") or "").split():
        if name in above or len(above) > 10:
            raise StepError(f"template {name} inherits from itself: correct inheritFrom")
        pod = combine(pod, merged(templates, by_name(templates, name), (*above, name)))
    pod = combine(pod, _settings(template))
    for text in [*(template.get("yamls") or []), template.get("yaml")]:
        pod = combine(pod, parse(text))
    return pod


def parse(text: Any) -> Manifest:
    """Return a pod given as YAML. Raises StepError."""
    try:
        pod = yaml.safe_load(text or "") or {}
    except yaml.YAMLError as error:
        raise StepError(f"the pod's YAML cannot be read: {' '.join(str(error).split())}") from None
    if not isinstance(pod, dict) or pod.get("kind", "Pod") != "Pod":
        raise StepError("the pod's YAML is no Pod: expected a mapping with metadata and spec")
    return pod


def combine(below: Any, above: Any) -> Any:
    """Return one manifest over another."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    result = dict(below)
    for key, value in above.items():
        before = below.get(key)
        if key in KEYS and isinstance(before, list) and isinstance(value, list):
            result[key] = _lists(before, value, KEYS[key], deep="ontainers" in key)
        elif key in MAPS and isinstance(before, dict):
            result[key] = combine(before, value)
        elif value is not None:
            result[key] = value
    return result


def _lists(below: list[Any], above: list[Any], key: str, *, deep: bool) -> list[Any]:
    result = {each.get(key): each for each in below}
    for each in above:
        before = result.get(each.get(key))
        result[each.get(key)] = combine(before, each) if before and deep else each
    return list(result.values())


def _settings(template: Mapping[str, Any]) -> Manifest:
    """Return the pod that a template's fields describe."""
    variables = [_variable(each) for each in template.get("envVars") or []]
    containers = [_container(each, variables) for each in template.get("containers") or []]
    volumes, mounts = _volumes(template.get("volumes") or [])
    for each in containers:
        each["volumeMounts"] = list(mounts)
    spec = {
        "serviceAccountName": template.get("serviceAccount"),
        "schedulerName": template.get("schedulerName"),
        "hostNetwork": template.get("hostNetwork") or None,
        "activeDeadlineSeconds": int(template["activeDeadlineSeconds"]) if template.get("activeDeadlineSeconds") else None,
        "terminationGracePeriodSeconds": template.get("terminationGracePeriodSeconds"),
        "nodeSelector": dict(each.split("=", 1) for each in str(template.get("nodeSelector") or "").split(",") if "=" in each),
        "imagePullSecrets": [{"name": each["name"]} for each in template.get("imagePullSecrets") or []],
        "securityContext": _numbers(template, "runAsUser", "runAsGroup"),
        "containers": containers,
        "volumes": volumes,
    }
    notes = {each["key"]: str(each.get("value", "")) for each in template.get("annotations") or []}
    return {"metadata": {"annotations": notes}, "spec": {name: value for name, value in spec.items() if value not in (None, "", [], {})}}


def _container(given: Mapping[str, Any], variables: list[Manifest]) -> Manifest:
    resources: dict[str, dict[str, str]] = {}
    for kind in ("Request", "Limit"):
        for what, name in (("Cpu", "cpu"), ("Memory", "memory"), ("EphemeralStorage", "ephemeral-storage")):
            if given.get(f"resource{kind}{what}"):
                resources.setdefault(f"{kind.lower()}s", {})[name] = str(given[f"resource{kind}{what}"])
    fields = {
        "name": given["name"],
        "image": given.get("image"),
        "command": shlex.split(str(given.get("command") or "")),
        "args": shlex.split(str(given.get("args") or "").replace("^${", "${")),
        "workingDir": given.get("workingDir"),
        "tty": given.get("ttyEnabled") or None,
        "imagePullPolicy": "Always" if given.get("alwaysPullImage") else None,
        "env": [*variables, *(_variable(each) for each in given.get("envVars") or [])],
        "resources": resources,
        "securityContext": _numbers(given, "runAsUser", "runAsGroup") | ({"privileged": True} if given.get("privileged") else {}),
    }
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def _numbers(given: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: int(given[name]) for name in names if given.get(name) not in (None, "")}


def _variable(given: Mapping[str, Any]) -> Manifest:
    secret = given.get("secretEnvVar")
    if secret:
        return {"name": secret["key"], "valueFrom": {"secretKeyRef": {"name": secret["secretName"], "key": secret["secretKey"]}}}
    plain = given.get("envVar") or given
    return {"name": plain["key"], "value": str(plain.get("value", ""))}


def _volumes(given: Sequence[Mapping[str, Any]]) -> tuple[list[Manifest], list[Manifest]]:
    volumes, mounts = [], []
    for number, each in enumerate(given):
        # Of a pipeline: secretVolume(...); of JCasC: `secretVolume: {...}`.
        kind, fields = (each["kind"], each) if "kind" in each else next(iter(each.items()))
        makers: dict[str, Any] = {
            "configMapVolume": lambda it: {"configMap": {"name": it["configMapName"]}},
            "emptyDirVolume": lambda it: {"emptyDir": {"medium": "Memory"} if it.get("memory") else {}},
            "hostPathVolume": lambda it: {"hostPath": {"path": it["hostPath"]}},
            "persistentVolumeClaim": lambda it: {"persistentVolumeClaim": {"claimName": it["claimName"]}},
            "secretVolume": lambda it: {"secret": {"secretName": it["secretName"]}},
        }
        if kind not in makers:
            raise StepError(f"volume {kind} of a pod template: expected one of {', '.join(sorted(makers))}, or one in the template's YAML")
        volumes.append({"name": f"volume-{number}", **makers[kind](fields)})
        mounts.append({"name": f"volume-{number}", "mountPath": fields["mountPath"], "readOnly": bool(fields.get("readOnly"))})
    return volumes, mounts
