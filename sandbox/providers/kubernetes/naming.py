"""Names for objects whose inputs have none: `<resource name>-<8 hexadecimal digits>`, kept for the object's life.

https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/autonaming/
"""

import secrets
from collections.abc import Mapping
from typing import Any

from sandbox.providers.kubernetes.objects import AUTONAMED, is_set, metadata, with_metadata
from sandbox.providers.plugin import UNKNOWN, Properties


def logical_name(urn: str) -> str:
    """Return the name the program gave the resource: the last part of its URN."""
    return urn.rsplit("::", 1)[-1]


def generated(urn: str) -> str:
    """Return a fresh name for the resource."""
    return f"{logical_name(urn)}-{secrets.token_hex(4)}"


def named(urn: str, old: Properties | None, new: Properties) -> Properties:
    """Return the new inputs with a name: their own, else the generated one of the last run, else a fresh one."""
    if new.get("metadata") is UNKNOWN or metadata(new).get("name"):
        return new
    kept = metadata(old).get("name") if old and is_set(old, AUTONAMED) else None
    annotations = metadata(new).get("annotations")
    marked = annotations if annotations is UNKNOWN else {**(annotations or {}), AUTONAMED: "true"}
    return with_metadata(new, name=kept or generated(urn), annotations=marked)


def must_delete_first(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a replacement has to wait for the deletion, because both objects would have one name."""
    same_place = all(metadata(old).get(field) == metadata(new).get(field) for field in ("name", "namespace"))
    return same_place and not is_set(new, AUTONAMED)
