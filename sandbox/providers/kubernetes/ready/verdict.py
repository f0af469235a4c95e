"""What a readiness check says of an object."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.providers.plugin import Properties

Related = Mapping[str, list[Properties]]
"""Other objects that explain the state of one: by kind, such as `Pod` and `Event`."""


@dataclass(frozen=True)
class Ready:
    """The object does what it is for."""


@dataclass(frozen=True)
class Waiting:
    """The object is not ready yet, for this reason."""

    reason: str


@dataclass(frozen=True)
class Failed:
    """The object will not become ready without a change, for this reason."""

    reason: str


Verdict = Ready | Waiting | Failed


def status(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the status of an object, empty where no controller has written one."""
    return item.get("status") or {}


def condition(item: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a condition of an object, empty where it has none of that type."""
    return next((entry for entry in status(item).get("conditions") or [] if entry.get("type") == name), {})


def is_true(item: Mapping[str, Any], name: str) -> bool:
    """Whether a condition of an object is True."""
    return condition(item, name).get("status") == "True"


def because(*parts: str) -> str:
    """Join a state and its reasons, leaving out the empty ones."""
    return ": ".join(part.rstrip(".") for part in parts if part)
