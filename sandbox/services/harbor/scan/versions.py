"""Versions in order, as each ecosystem orders them."""

import re
from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from packaging.version import InvalidVersion, Version

Key = Callable[[str], Any]


def _letter(text: str) -> list[int]:
    # A tilde sorts before the end, the end before letters, letters before the rest.
    order = [-1 if letter == "~" else ord(letter) if letter.isalpha() else ord(letter) + 256 for letter in text]
    return [*order, 0]


def _part(first: str, second: str) -> int:
    while first or second:
        (words, first), (others, second) = _split(first, r"\D*"), _split(second, r"\D*")
        if _letter(words) != _letter(others):
            return -1 if _letter(words) < _letter(others) else 1
        (number, first), (other, second) = _split(first, r"\d*"), _split(second, r"\d*")
        if int(number or 0) != int(other or 0):
            return -1 if int(number or 0) < int(other or 0) else 1
    return 0


def _split(text: str, pattern: str) -> tuple[str, str]:
    found = re.match(pattern, text)
    end = found.end() if found else 0
    return text[:end], text[end:]


def _compare(first: str, second: str) -> int:
    def parts(version: str) -> tuple[int, str, str]:
        epoch, colon, rest = version.partition(":")
        upstream, _, revision = (rest if colon else version).rpartition("-")
        return int(epoch) if colon and epoch.isdecimal() else 0, upstream or revision, revision if upstream else "0"

    (epoch, upstream, revision), (other, theirs, last) = parts(first), parts(second)
    return (epoch > other) - (epoch < other) or _part(upstream, theirs) or _part(revision, last)


deb: Key = cmp_to_key(_compare)
"""https://www.debian.org/doc/debian-policy/ch-controlfields.html#version"""


def python(version: str) -> Any:
    """PEP 440; what it does not know comes first."""
    try:
        return Version(version)
    except InvalidVersion:
        return Version("0")


def npm(version: str) -> Any:
    """https://semver.org/#spec-item-11"""
    found = re.match(r"[v=\s]*(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?", version)
    if not found:
        return (0, 0, 0), 0, []
    before = [(0, int(each), "") if each.isdecimal() else (1, 0, each) for each in (found[4] or "").split(".") if each]
    return tuple(int(found[at] or 0) for at in (1, 2, 3)), 0 if before else 1, before


KEYS: dict[str, Key] = {"deb": deb, "python": python, "npm": npm}


def older(ecosystem: str, version: str, other: str) -> bool:
    """Tell whether `version` comes before `other` in this ecosystem: deb, python or npm."""
    key = KEYS[ecosystem]
    return bool(key(version) < key(other))
