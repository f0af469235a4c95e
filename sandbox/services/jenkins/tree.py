"""What an answer of the JSON API holds: by `tree=jobs[name,builds[number]{0,10}]`, else by `depth=`."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.services.jenkins.errors import HttpError

TOKEN = re.compile(r"\s*([\w*.-]+|\{[^}]*\}|.)")
RANGE = re.compile(r"\{\s*(?:(\d+)|(\d*)\s*,\s*(\d*))\s*\}")
LEVELS = 50
DEEPEST = 10
ALL = "*"


@dataclass(frozen=True)
class Bean:
    """Something with properties, which are got only when asked for. `brief`: those that are shown where it is too deep for all of them.
    `by_name`: those that are shown only if `tree` names them. `inline`: it is as deep as what it is part of."""

    kind: str
    brief: tuple[str, ...]
    properties: Mapping[str, Callable[[], Any]]
    by_name: tuple[str, ...] = ()
    inline: bool = False


@dataclass
class Node:
    """A part of `tree`: names with what is asked of them, and the range of a list."""

    names: dict[str, "Node"] = field(default_factory=dict)
    part: slice = field(default_factory=lambda: slice(None))


def render(bean: Bean, tree: str, depth: str) -> Any:
    """Return a bean as JSON values; raises HttpError 400 for a `tree` or `depth` that is wrong."""
    if tree:
        return _selected(bean, parse(tree))
    if depth and not depth.isdecimal():
        raise HttpError(400, f"depth is {depth[:40]!r}, expected a number")
    return _whole(bean, min(int(depth[:3] or 0), DEEPEST), 0)


def parse(text: str) -> Node:
    """Return what a `tree` asks for; raises HttpError 400."""
    tokens = TOKEN.findall(text.strip())
    root = Node()
    rest = _parse(tokens, 0, root, 0)
    if rest != len(tokens):
        raise _wrong(text)
    return root


def _parse(tokens: list[str], at: int, node: Node, level: int) -> int:
    while at < len(tokens):
        name = tokens[at]
        if level > LEVELS or not re.fullmatch(r"[\w*.-]+", name):
            raise _wrong(name)
        child = node.names.setdefault(name, Node())
        at += 1
        if at < len(tokens) and tokens[at] == "[":
            at = _parse(tokens, at + 1, child, level + 1)
            if at >= len(tokens) or tokens[at] != "]":
                raise _wrong(name)
            at += 1
        if at < len(tokens) and tokens[at].startswith("{"):
            child.part = _range(tokens[at])
            at += 1
        if at >= len(tokens) or tokens[at] != ",":
            return at
        at += 1
    raise _wrong("")


def _range(text: str) -> slice:
    found = RANGE.fullmatch(text)
    if not found:
        raise _wrong(text)
    single, low, high = found.groups()
    if single is not None:
        return slice(int(single), int(single) + 1)
    return slice(int(low or 0), int(high) if high else None)


def _wrong(text: str) -> HttpError:
    return HttpError(400, f"tree is wrong at {text[:40]!r}, expected names as in jobs[name,builds[number]{{0,10}}]")


def _selected(value: Any, node: Node) -> Any:
    if isinstance(value, list):
        return [_selected(each, node) for each in value[node.part]]
    if isinstance(value, Bean):
        names: Iterable[str] = value.properties if ALL in node.names else node.names
        found: dict[str, Any] = {"_class": value.kind}
        for name in names:
            if name in value.properties:
                found[name] = _selected(value.properties[name](), node.names.get(name) or node.names[ALL])
        return found
    if isinstance(value, dict):
        names = value if ALL in node.names else node.names
        kept = {name: _selected(value[name], node.names.get(name) or Node()) for name in names if name in value}
        return ({"_class": value["_class"]} if "_class" in value else {}) | kept
    return value


def _whole(value: Any, depth: int, level: int) -> Any:
    if isinstance(value, list):
        return [_whole(each, depth, level) for each in value]
    if isinstance(value, Bean):
        level -= value.inline
        names = [name for name in value.properties if name not in value.by_name] if level <= depth else value.brief
        return {"_class": value.kind} | {name: _whole(value.properties[name](), depth, level + 1) for name in names}
    if isinstance(value, dict):
        return {name: _whole(each, depth, level + 1) for name, each in value.items()}
    return value
