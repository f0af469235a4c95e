"""Kinds of values in configuration as code."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Union

_TRUE, _FALSE = {"true", "yes", "y", "on", "1"}, {"false", "no", "n", "off", "0"}


@dataclass(frozen=True)
class Scalar:
    """A single value. `convert` raises ValueError for text that does not fit; `expected` says what does."""

    convert: Callable[[str], Any]
    expected: str


@dataclass(frozen=True)
class Each:
    """A list."""

    kind: "Kind"


@dataclass(frozen=True)
class Fields:
    """A mapping with the `known` attributes, and with `others` any more of that kind. `exactly_one`: it may have one attribute alone."""

    known: Mapping[str, "Kind"]
    required: tuple[str, ...] = ()
    others: "Kind | None" = None
    exactly_one: bool = False


@dataclass(frozen=True)
class OneOf:
    """One of several things, told by its symbol; read as the symbol and its attributes. `anything`: whatever it is, it is passed over."""

    known: Mapping[str, "Kind"]
    anything: bool = False


Kind = Union[Scalar, Each, Fields, OneOf]  # noqa: UP007 (the classes refer to it by its name)


def flag(text: str) -> bool:
    """Return the truth value that `text` means; raises ValueError."""
    if text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    raise ValueError("no truth value")


TEXT = Scalar(str, "text")
FLAG = Scalar(flag, "true or false")
NUMBER = Scalar(int, "a number")


def texts(*names: str) -> dict[str, Kind]:
    """Return attributes that are text."""
    return dict.fromkeys(names, TEXT)
