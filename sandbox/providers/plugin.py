"""What a resource of a stand-in provider plugin implements; `server.py` speaks the engine's protocol for it.

Values are plain Python: None, bool, int, float, str, list, dict. What the engine does not know yet (previews) is `UNKNOWN`. Secrets arrive
unwrapped: the plugins declare that they do not take secrets, so the engine itself keeps the secrecy of inputs on outputs of the same
name, and the SDK's classes name the generated outputs that are secret (`Secret` is for those that they forget).

The module `sandbox.providers.NAME` has a function `plugin() -> Plugin`, which `__main__.py` calls.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from threading import Event
from typing import Any, Final, Literal

Properties = dict[str, Any]


class _Unknown(Enum):
    UNKNOWN = "unknown"


UNKNOWN: Final = _Unknown.UNKNOWN
"""A value that is known only after another resource was created."""


@dataclass(frozen=True)
class Secret:
    """An output that is secret although no secret input has its name and the SDK's class does not name it."""

    value: Any = field(repr=False)


@dataclass(frozen=True)
class Failure:
    """An input that is refused. `property` is its path, such as `spec.replicas`."""

    property: str
    reason: str


@dataclass(frozen=True)
class Diff:
    """What an update would change.

    `changes` maps a property path (`spec.replicas`, `ports[0].name`) to its kind; paths in `replaces` cannot be changed in place.
    """

    changes: Mapping[str, Literal["add", "update", "delete"]] = field(default_factory=dict)
    replaces: frozenset[str] = frozenset()
    delete_before_replace: bool = False


@dataclass(frozen=True)
class State:
    """A resource as the provider sees it: its id and its outputs; `inputs` only where it was read back."""

    id: str
    outputs: Properties
    inputs: Properties | None = None


class PartialError(Exception):
    """The object exists, but did not become ready: its state is kept, so that the next run updates instead of creating it again."""

    def __init__(self, message: str, state: State) -> None:
        super().__init__(message)
        self.state = state


@dataclass(frozen=True)
class Context:
    """What an operation may use beside its inputs: the resource's URN, a time limit in seconds (0: none given), a way to report progress.

    `cancelled` is set when the user interrupts the run: waits use `cancelled.wait(seconds)` to sleep, and end early when it is set.
    """

    urn: str
    timeout: float
    preview: bool
    ignore_changes: tuple[str, ...]
    log: "Log"
    cancelled: Event = field(default_factory=Event)


class Log:
    """Messages to the engine, shown beside the resource. `status` replaces the previous one on a terminal; `info` stays."""

    def status(self, message: str) -> None:
        """Show what the operation is waiting for."""

    def info(self, message: str) -> None:
        """Show a lasting message."""

    def warning(self, message: str) -> None:
        """Show a lasting warning."""


class Resource:
    """One type of resource. The defaults suit a resource without state outside Pulumi, such as a random password."""

    def check(self, context: Context, old: Properties | None, new: Properties) -> tuple[Properties, list[Failure]]:
        """Complete and validate the inputs. `old` holds the inputs of the last run (auto-naming keeps its name by them)."""
        return new, []

    def diff(self, context: Context, old: State, new: Properties) -> Diff:
        """Compare the last inputs (`old.inputs`) and state with the new inputs, which may hold UNKNOWN."""
        raise NotImplementedError

    def create(self, context: Context, inputs: Properties) -> State:
        """Create the object. In a preview: say what it would be, without creating it. Raises PartialError."""
        raise NotImplementedError

    def read(self, context: Context, state: State) -> State | None:
        """Read the object as it is now (refresh and import; on import `outputs` is empty). None: it is gone."""
        return state

    def update(self, context: Context, old: State, inputs: Properties) -> State:
        """Change the object in place. Raises PartialError."""
        raise NotImplementedError

    def delete(self, context: Context, state: State) -> None:
        """Delete the object and wait until it is gone. One that is gone already is no error."""


class Plugin:
    """A provider: its name, its configuration and its resources.

    Types are named by tokens such as `random:index/randomPassword:RandomPassword`.
    """

    name: str
    version: str
    official: str
    """Where the official plugin is had, for the error on a type that this one does not cover."""
    json_config: frozenset[str] = frozenset()
    """The options whose values are no strings (nested, bool or number): the SDK sends these as JSON, the server parses them."""

    def check_config(self, config: Properties) -> list[Failure]:
        """Validate the provider's configuration (it may hold UNKNOWN)."""
        return []

    def diff_config(self, old: Properties, new: Properties) -> Diff:
        """Compare two configurations. Replacing a provider replaces all its resources, so most changes are no replacement."""
        return Diff()

    def configure(self, config: Properties) -> None:
        """Take the configuration (values may be UNKNOWN in previews: then only previews are asked for)."""

    def resource(self, token: str) -> Resource | None:
        """The implementation of a type, or None where the plugin does not cover it."""
        raise NotImplementedError

    def invoke(self, token: str, arguments: Properties) -> Properties | None:
        """Call a function (data source), or None where the plugin does not cover it."""
        return None
