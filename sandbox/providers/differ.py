"""Compares the inputs of two runs, property by property."""

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import zip_longest
from typing import Any, Final, Literal

from sandbox.providers.plugin import Diff

Path = tuple[str | int, ...]
Kind = Literal["add", "update", "delete"]

_PLAIN_NAME: Final = re.compile(r"[A-Za-z_$][\w$]*\Z")
_STEP: Final = re.compile(r'\.?(?P<name>[^.\[\]]+)|\[(?P<index>\d+)\]|\["(?P<quoted>(?:[^"\\]|\\.)*)"\]|\[(?P<any>\*)\]')


def compare(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    replaces: Collection[str] = (),
    *,
    delete_before_replace: bool = False,
) -> Diff:
    """Return what differs between two sets of inputs.

    `replaces` are paths at, below or above which a change forces a replacement; `*` in them stands for any one name or
    index (`ports[*].name`, `data.*`; `*` alone: everything). None counts as absent; UNKNOWN differs from every value.
    """
    found = dict(_changes((), old, new))
    forcing = [parse(path) for path in replaces]
    replacing = frozenset(text(path) for path in found if any(_touches(path, force) for force in forcing))
    return Diff({text(path): kind for path, kind in found.items()}, replacing, delete_before_replace and bool(replacing))


def without(diff: Diff, ignored: Collection[str]) -> Diff:
    """Return the difference without what lies at or below the ignored paths (the option `ignore_changes`)."""
    if not ignored:
        return diff
    prefixes = [parse(path) for path in ignored]
    kept = {path: kind for path, kind in diff.changes.items() if not any(_starts(parse(path), prefix) for prefix in prefixes)}
    replaces = diff.replaces & kept.keys()
    return Diff(kept, replaces, diff.delete_before_replace and bool(replaces))


def parse(path: str) -> Path:
    """Return the steps of a property path such as `ports[0].name` or `data["a.b"]`."""
    steps: list[str | int] = []
    for step in _STEP.finditer(path):
        if step["index"] is not None:
            steps.append(int(step["index"]))
        elif step["quoted"] is not None:
            steps.append(re.sub(r"\\(.)", r"\1", step["quoted"], flags=re.DOTALL))
        else:
            steps.append(step["name"] or step["any"])
    return tuple(steps)


def text(path: Path) -> str:
    """Return the path as the engine writes it: the inverse of `parse`."""
    written = ""
    for step in path:
        if isinstance(step, int):
            written += f"[{step}]"
        elif _PLAIN_NAME.match(step):
            written += f".{step}" if written else step
        else:
            written += '["{}"]'.format(step.replace("\\", "\\\\").replace('"', '\\"'))
    return written


def _changes(path: Path, old: Any, new: Any) -> Iterator[tuple[Path, Kind]]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in {**old, **new}:
            yield from _changes((*path, name), old.get(name), new.get(name))
    elif isinstance(old, list) and isinstance(new, list):
        for index, (before, after) in enumerate(zip_longest(old, new)):
            yield from _changes((*path, index), before, after)
    elif old is None and new is not None:
        yield path, "add"
    elif old is not None and new is None:
        yield path, "delete"
    elif (type(old) is not type(new) and bool in (type(old), type(new))) or old != new:  # True == 1 in Python
        yield path, "update"


def _starts(path: Path, prefix: Path) -> bool:
    return len(path) >= len(prefix) and _touches(path, prefix)


def _touches(path: Path, other: Path) -> bool:
    return all(step == wanted or wanted == "*" for step, wanted in zip(path, other, strict=False))
