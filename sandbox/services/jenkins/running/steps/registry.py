"""The steps by their names."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.services.jenkins.running.session import Scene

Arguments = Mapping[str, Any]
Step = Callable[[Scene, Arguments], Any]
STEPS: dict[str, Step] = {}


def step(name: str) -> Callable[[Step], Step]:
    """Enter a function as the step `name`."""

    def enter(function: Step) -> Step:
        STEPS[name] = function
        return function

    return enter


def flag(arguments: Arguments, name: str, default: bool = False) -> bool:
    """Return an argument that is true or false, also where it is given as text."""
    value = arguments.get(name)
    return default if value is None else str(value).lower() == "true"
