"""Values of a job's parameters."""

from collections.abc import Mapping
from typing import Any

from sandbox.services.jenkins.model import Item, Parameter

CLASSES = {"string": "String", "text": "Text", "boolean": "Boolean", "choice": "Choice"}


def defaults(item: Item) -> dict[str, Any]:
    """Return the values that a build has without any given."""
    return {each.name: _default(each) for each in item.parameters}


def values(item: Item, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of all parameters of a job. What is given and is no parameter is left out, as Jenkins does for security's sake.

    Raises ValueError, with the parameter's name, for a value that is not among the choices.
    """
    return {each.name: _value(each, given[each.name]) if each.name in given else _default(each) for each in item.parameters}


def _default(parameter: Parameter) -> Any:
    if parameter.kind == "choice":
        return parameter.default or next(iter(parameter.choices), "")
    return _boolean(parameter.default) if parameter.kind == "boolean" else parameter.default


def _value(parameter: Parameter, value: Any) -> Any:
    if parameter.kind == "boolean":
        return _boolean(value)
    if not isinstance(value, str | int | float):
        raise ValueError(f"Illegal value for parameter {parameter.name}: expected text")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if parameter.kind == "choice" and text not in parameter.choices:
        raise ValueError(f"Illegal choice for parameter {parameter.name}: {text}")
    return text


def _boolean(value: Any) -> bool:
    return value if isinstance(value, bool) else str(value).lower() == "true"


def value_class(value: Any) -> str:
    """Return the class that Jenkins' API names for a value."""
    return f"hudson.model.{'Boolean' if isinstance(value, bool) else 'String'}ParameterValue"
