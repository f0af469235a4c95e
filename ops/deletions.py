"""What a plan would delete that holds data."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi import automation
from pulumi.automation import EngineEvent, OpType
from pulumi.automation.events import StepEventMetadata

STATEFUL = {
    "gitlab:index/project:Project": "GitLab project",
    "gitlab:index/group:Group": "GitLab group",
    "harbor:index/project:Project": "Harbor project",
}
"""Types whose objects hold what people made, with the words for them."""
ROBOT = "harbor:index/robotAccount:RobotAccount"
PULLS = "pull-"
PROTECTED = "because it is protected"
_GOES = ("delete", "delete-replaced", "discard-replaced")
_REPLACES = ("replace", "create-replacement", "delete-replaced")


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
    """Preview the stack. Raises automation.CommandError as the preview fails, unless that is only because what goes is protected."""
    events: list[EngineEvent] = []
    try:
        stack.preview(on_event=events.append)
    except automation.CommandError as error:
        if PROTECTED not in str(error):
            raise
    steps = [event.resource_pre_event.metadata for event in events if event.resource_pre_event]
    resources: list[dict[str, Any]] = (stack.export_stack().deployment or {}).get("resources") or []
    changes = Counter(str(step.op.value if isinstance(step.op, OpType) else step.op) for step in steps)
    return Plan(dict(changes), tuple(deletions(steps, resources)), leaving(steps, resources))


def deletions(steps: Iterable[StepEventMetadata], resources: Iterable[Mapping[str, Any]]) -> list[Deletion]:
    """The stateful objects among the state's resources that these steps of a preview replace, or do not know any more."""
    going = _going(steps, replaced=True)
    stateful = [each for each in resources if each["type"] in STATEFUL and going(each["urn"])]
    return [
        Deletion(each["urn"], each["type"], _name(each.get("outputs") or each["inputs"]), bool(each.get("protect"))) for each in stateful
    ]


def leaving(steps: Iterable[StepEventMetadata], resources: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The users whose account for pulling images is deleted, each with the Harbor project that it pulled from."""
    going = _going(steps, replaced=False)
    robots = [each for each in resources if each["type"] == ROBOT and going(each["urn"])]
    named = {each["urn"].rpartition("::")[2]: each for each in robots}
    return {
        name.removeprefix(PULLS): str(each["inputs"]["permissions"][0]["namespace"])
        for name, each in named.items()
        if name.startswith(PULLS)
    }


def _going(steps: Iterable[StepEventMetadata], *, replaced: bool) -> Callable[[str], bool]:
    """Whether a resource goes. By what the program declares: a preview that meets a protected one stops before it tells of the others."""
    steps = list(steps)
    stays = {step.urn for step in steps if step.op not in _GOES}
    replacements = {step.urn for step in steps if step.op in _REPLACES}
    return lambda urn: urn not in stays or (replaced and urn in replacements)


def _name(properties: Mapping[str, Any]) -> str:
    return str(properties.get("pathWithNamespace") or properties.get("fullPath") or properties.get("path") or properties.get("name"))
