"""An object as Pulumi's state keeps it."""

from collections.abc import Mapping
from typing import Any, Final

from sandbox.providers.kubernetes.objects import identity, metadata
from sandbox.providers.plugin import UNKNOWN, Properties, State

_MANAGER: Final = "__fieldManager"  # the official provider's name for it
_GIVEN_BY_SERVER: Final = ("uid", "resourceVersion", "creationTimestamp")


def as_state(live: Properties, manager: str) -> State:
    """Return the state of a live object. The managers of its fields are many lines that nothing reads: they stay out."""
    kept = {name: value for name, value in metadata(live).items() if name != "managedFields"}
    return State(identity(live), {**live, "metadata": kept, _MANAGER: manager})


def manager_in(outputs: Mapping[str, Any]) -> str | None:
    """Return the field manager that a state names, or None."""
    found = outputs.get(_MANAGER)
    return found if isinstance(found, str) else None


def as_preview(live: Properties, inputs: Properties, manager: str) -> State:
    """Return what a dry run says of an object to be created, with the values that will be others unknown."""
    state = as_state({name: value for name, value in live.items() if name != "status"}, manager)
    state.outputs["metadata"].update(dict.fromkeys(_GIVEN_BY_SERVER, UNKNOWN))
    spec = state.outputs.get("spec")
    if live.get("kind") == "Service" and isinstance(spec, dict) and not (inputs.get("spec") or {}).get("clusterIP"):
        spec.update({name: UNKNOWN for name in ("clusterIP", "clusterIPs") if name in spec and spec["clusterIP"] != "None"})
    return State("", state.outputs)
