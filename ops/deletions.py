"""What a plan would delete that holds data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi import automation
from pulumi.automation import EngineEvent

STATEFUL = {
    "gitlab:index/project:Project": "GitLab project",
    "gitlab:index/group:Group": "GitLab group",
    "harbor:index/project:Project": "Harbor project",
}
"""Types whose objects hold what people made, with the words for them."""
ROBOT = "harbor:index/robotAccount:RobotAccount"
_GOES = ("delete", "delete-replaced", "replace", "discard-replaced")


@dataclass(frozen=True)
class Deletion:
    """A stateful object that a plan deletes. `name` is what its system calls it; `protected`: Pulumi refuses so far."""

    urn: str
    type: str
    name: str
    protected: bool

    def __str__(self) -> str:
        return f"{STATEFUL[self.type]} {self.name}"


@dataclass(frozen=True)
class Plan:
    """What an `up` would do. `changes` counts its operations by kind; `leaving` is user to Harbor project, of those whose robot goes."""

    changes: dict[str, int]
    deletions: tuple[Deletion, ...]
    leaving: dict[str, str]


def plan(stack: automation.Stack) -> Plan:
    """Preview the stack. Raises automation.CommandError as the preview fails."""
    events: list[EngineEvent] = []
    result = stack.preview(on_event=events.append)
    return Plan({str(op): count for op, count in result.change_summary.items()}, tuple(deletions(events)), leaving(events))


def deletions(events: Iterable[EngineEvent]) -> list[Deletion]:
    """The stateful objects that these events delete or replace, each once."""
    found: dict[str, Deletion] = {}
    for event in events:
        step = event.resource_pre_event.metadata if event.resource_pre_event else None
        if step is not None and step.op in _GOES and step.type in STATEFUL and step.old is not None:
            found.setdefault(
                step.urn, Deletion(step.urn, step.type, _name(step.old.outputs or step.old.inputs or {}), bool(step.old.protect))
            )
    return list(found.values())


def leaving(events: Iterable[EngineEvent]) -> dict[str, str]:
    """The users whose account for pulling images is deleted, each with the Harbor project that it pulled from."""
    found = {}
    for event in events:
        step = event.resource_pre_event.metadata if event.resource_pre_event else None
        if step is None or step.op != "delete" or step.type != ROBOT or step.old is None:
            continue
        name = step.urn.rpartition("::")[2]
        if name.startswith("pull-"):
            found[name.removeprefix("pull-")] = str((step.old.inputs or {})["permissions"][0]["namespace"])
    return found


def _name(properties: Mapping[str, Any]) -> str:
    return str(properties.get("pathWithNamespace") or properties.get("fullPath") or properties.get("path") or properties.get("name"))
