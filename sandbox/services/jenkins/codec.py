"""Dataclasses to JSON and back, by their type hints."""

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from sandbox.services.jenkins.model import Item


def encode_item(item: Item) -> str:
    """Return an item as JSON text, its secrets included."""
    return json.dumps(asdict(item))


def decode_item(text: str) -> Item:
    """Return the item that `encode_item` wrote, by this or an earlier version: what that did not know has its default."""
    return _decoded(Item, json.loads(text))  # type: ignore[no-any-return]


def _decoded(hint: Any, value: Any) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if value is None:
        return None
    if origin in (Union, UnionType):
        return _decoded(next(each for each in arguments if each is not NoneType), value)
    if origin is tuple:
        return tuple(_decoded(arguments[0], each) for each in value)
    if is_dataclass(hint) and isinstance(value, Mapping):
        hints = get_type_hints(hint)
        return hint(**{name: _decoded(hints[name], each) for name, each in value.items() if name in hints})  # type: ignore[operator]
    return value
