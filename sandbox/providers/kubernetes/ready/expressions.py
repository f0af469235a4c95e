"""The annotation `pulumi.com/waitFor`: conditions and JSONPath comparisons, one or a JSON list of them.

https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from sandbox.providers.kubernetes.ready.verdict import Ready, Verdict, Waiting, condition

_CONDITION: Final = re.compile(r"condition=([\w./-]+)(?:=(\w+))?\Z")
_JSONPATH: Final = re.compile(r"jsonpath=\{(?P<path>(?:\.[\w-]+|\[\d+\]|\['[^']+'\])+)\}(?:=(?P<value>.+))?\Z")
_STEP: Final = re.compile(r"\.([\w-]+)|\[(\d+)\]|\['([^']+)'\]")


def parse(text: str) -> list[str]:
    """Return the expressions of an annotation.

    Raises ValueError, naming the expression, on one that is neither `condition=TYPE[=STATUS]` nor `jsonpath={.path}[=VALUE]` with a
    path of names and indices.
    """
    try:
        found = json.loads(text)
    except ValueError:
        found = text
    expressions = found if isinstance(found, list) else [text]
    for expression in expressions:
        if not isinstance(expression, str) or not (_CONDITION.match(expression) or _JSONPATH.match(expression)):
            raise ValueError(
                f"{expression!r} is neither condition=TYPE[=STATUS] nor jsonpath={{.path}}[=VALUE] with a path of names and indices"
            )
    return expressions


def holds(item: Mapping[str, Any], expressions: list[str]) -> Verdict:
    """Say whether all expressions hold for an object."""
    missing = [expression for expression in expressions if not _holds(item, expression)]
    return Waiting(f"{missing[0]} does not hold") if missing else Ready()


def _holds(item: Mapping[str, Any], expression: str) -> bool:
    if found := _CONDITION.match(expression):
        return bool(str(condition(item, found[1]).get("status", "")).lower() == (found[2] or "True").lower())
    if found := _JSONPATH.match(expression):
        value = _at(item, found["path"])
        return value is not None if found["value"] is None else _written(value) == found["value"]
    return False


def _at(value: Any, path: str) -> Any:
    for name, index, quoted in _STEP.findall(path):
        if index:
            value = value[int(index)] if isinstance(value, list) and int(index) < len(value) else None
        else:
            value = value.get(name or quoted) if isinstance(value, Mapping) else None
    return value


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
