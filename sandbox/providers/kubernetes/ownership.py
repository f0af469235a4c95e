"""From a live object back to inputs: the part of it that Pulumi declared, with the values that it has now.

The API server fills objects up with defaults and status, and other managers own fields too.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from sandbox.providers.kubernetes.naming import logical_name
from sandbox.providers.kubernetes.objects import metadata
from sandbox.providers.plugin import Properties

MANAGER_PREFIX: Final = "pulumi-kubernetes-"
_SERVER_SET: Final = ("creationTimestamp", "generation", "managedFields", "resourceVersion", "uid", "selfLink", "deletionTimestamp")


def manager_of(urn: str) -> str:
    """Return the field manager of a resource. One each: two resources that write one field conflict instead of taking turns."""
    return f"{MANAGER_PREFIX}{logical_name(urn)[:40]}-{sha256(urn.encode()).hexdigest()[:8]}"


def pruned(live: Any, declared: Any) -> Any:
    """Return a live value cut to the shape of what was declared: drift shows, what others added does not.

    A list whose declared elements have names is matched by name, so that an element inserted by another manager shifts nothing.
    """
    if isinstance(live, Mapping) and isinstance(declared, Mapping):
        return {name: pruned(live[name], value) for name, value in declared.items() if name in live}
    if isinstance(live, list) and isinstance(declared, list):
        by_name = {item["name"]: item for item in live if isinstance(item, Mapping) and "name" in item}
        if by_name and all(isinstance(item, Mapping) and "name" in item for item in declared):
            return [pruned(by_name[item["name"]], item) for item in declared if item["name"] in by_name]
        return [pruned(item, declared[index]) if index < len(declared) else item for index, item in enumerate(live)]
    return live


def refreshed_inputs(live: Properties, old: Properties) -> Properties:
    """Return the inputs of the last run with the values that the object has now."""
    found: Properties = pruned(live, old)
    if live.get("kind") == "Secret" and isinstance(old.get("stringData"), Mapping):
        found["stringData"] = {name: _text(live["data"][name]) for name in old["stringData"] if name in (live.get("data") or {})}
    return found


def imported_inputs(live: Properties) -> Properties:
    """Return the inputs of an object that Pulumi's state does not know: what Pulumi applied to it, or else all that a user can write."""
    owned = [entry["fieldsV1"] for entry in _applied(live)]
    if owned:
        inputs = {**_owned(live, _merged(owned)), "apiVersion": live["apiVersion"], "kind": live["kind"]}
    else:
        inputs = {name: value for name, value in live.items() if name != "status"}
    kept = {**metadata(inputs), **{name: metadata(live)[name] for name in ("name", "namespace") if name in metadata(live)}}
    return {**inputs, "metadata": {name: value for name, value in kept.items() if name not in _SERVER_SET}}


def applied_by(live: Mapping[str, Any]) -> str | None:
    """Return the field manager under which Pulumi applied an object, or None where it did not."""
    return next((str(entry["manager"]) for entry in _applied(live)), None)


def essence(live: Mapping[str, Any], manager: str) -> tuple[Properties, Properties]:
    """Return what an object is without what every write changes, and what a manager owns of it."""
    kept = {name: value for name, value in metadata(live).items() if name not in ("managedFields", "resourceVersion", "generation")}
    return {**live, "metadata": kept}, owned_fields(live, manager)


def owned_fields(live: Mapping[str, Any], manager: str) -> Properties:
    """Return the fields that a manager applied, as the API server writes them, or nothing."""
    for entry in metadata(live).get("managedFields") or []:
        if entry.get("manager") == manager and entry.get("operation") == "Apply" and not entry.get("subresource"):
            return dict(entry["fieldsV1"])
    return {}


def owns(fields: Mapping[str, Any], path: tuple[str | int, ...]) -> bool:
    """Whether a field at a path without list elements is among the owned ones."""
    for step in path:
        below = fields.get(f"f:{step}")
        if below is None:
            return False
        fields = below
    return True


def _applied(live: Mapping[str, Any]) -> list[Properties]:
    return [
        entry
        for entry in metadata(live).get("managedFields") or []
        if entry.get("operation") == "Apply" and str(entry.get("manager")).startswith(MANAGER_PREFIX) and not entry.get("subresource")
    ]


def _merged(sets: list[Properties]) -> Properties:
    found: Properties = {}
    for fields in sets:
        for name, below in fields.items():
            found[name] = _merged([found[name], below]) if name in found else below
    return found


def _owned(live: Any, fields: Mapping[str, Any]) -> Any:
    """Cut a value to a set of fields in the form of `managedFields`: `f:` a field, `k:` an element by its keys, `v:` by its value.

    https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
    """
    below = {name: value for name, value in fields.items() if name != "."}
    if not below:
        return live
    if isinstance(live, Mapping):
        return {name[2:]: _owned(live[name[2:]], value) for name, value in below.items() if name.startswith("f:") and name[2:] in live}
    if isinstance(live, list):
        found = []
        for name, value in below.items():
            mark, _, selector = name.partition(":")
            wanted = json.loads(selector) if mark in ("k", "v") else None
            found += [_owned(item, value) for item in live if _selected(item, mark, wanted)]
        return found
    return live


def _selected(item: Any, mark: str, wanted: Any) -> bool:
    if mark == "v":
        return bool(item == wanted)
    return mark == "k" and isinstance(item, Mapping) and all(item.get(key) == value for key, value in wanted.items())


def _text(encoded: str) -> str:
    """Decode a value of a Secret; one that is not text stays as it is, and so shows as a change."""
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return encoded
