"""Deletion, as the official provider does it: in the foreground, and over when the object is gone."""

from collections.abc import Mapping
from typing import Any, Final

from sandbox.providers.kubernetes.api import Api, MissingKindError
from sandbox.providers.kubernetes.awaiting import until_gone
from sandbox.providers.kubernetes.objects import DELETION_PROPAGATION, SKIP_AWAIT, annotation, is_set, split_identity
from sandbox.providers.plugin import Context

_SKIPPABLE: Final = frozenset({"Namespace", "Pod", "ReplicationController", "DaemonSet", "Deployment", "StatefulSet", "Job"})
"""Kinds on which skipAwait holds for deletions too: https://github.com/pulumi/pulumi-kubernetes/issues/1232"""


def propagation(inputs: Mapping[str, Any]) -> str:
    """Return what becomes of the objects that a deleted one owns: Foreground (deleted first), Background or Orphan."""
    wanted = annotation(inputs, DELETION_PROPAGATION).capitalize()
    return wanted if wanted in ("Orphan", "Background") else "Foreground"


def delete(api: Api, context: Context, identity: str, inputs: Mapping[str, Any]) -> None:
    """Delete an object and wait until it is gone. One that is gone already, with its kind or its namespace, is no error.

    Raises TimeoutError where finalizers hold it, and ApiError and UnreachableError.
    """
    namespace, name = split_identity(identity)
    try:
        kind = api.kind(inputs)
    except MissingKindError:
        return
    current = api.get(kind, namespace, name)
    if current is None or not api.delete(kind, namespace, name, propagation(inputs)):
        return
    if not (is_set(inputs, SKIP_AWAIT) and kind.name in _SKIPPABLE):
        until_gone(api, context, inputs, current)
