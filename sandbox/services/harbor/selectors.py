"""Patterns of repositories and tags: https://github.com/bmatcuk/doublestar#patterns."""

import re
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=1000)
def _pattern(text: str) -> re.Pattern[str]:
    out, depth, at = "", 0, 0
    while at < len(text):
        letter = text[at]
        if text.startswith("**", at):
            # Whole parts of a path: `a/**/b` also fits a/b.
            slash = text.startswith("**/", at)
            out, at = out + ("(?:.*/)?" if slash else ".*"), at + (3 if slash else 2)
            continue
        if letter == "*":
            out += "[^/]*"
        elif letter == "?":
            out += "[^/]"
        elif letter == "{":
            out, depth = f"{out}(?:", depth + 1
        elif letter == "}" and depth:
            out, depth = f"{out})", depth - 1
        elif letter == "," and depth:
            out += "|"
        elif letter == "[" and (end := text.find("]", at + 2)) > 0:
            inside = text[at + 1 : end].replace("\\", "\\\\")
            out, at = f"{out}[{'^' + inside[1:] if inside[0] in '!^' else inside}]", end
        else:
            out += re.escape(letter)
        at += 1
    return re.compile(out + ")" * depth, re.DOTALL)


def fits(pattern: str, text: str) -> bool:
    """Tell whether `text` fits the doublestar `pattern`; one that is no pattern fits nothing."""
    try:
        return bool(_pattern(pattern).fullmatch(text))
    except re.error:
        return False


def selects(selector: dict[str, Any], text: str) -> bool:
    """Tell whether the selector of a rule, with its `decoration` (matches, repoExcludes, ...) and `pattern`, takes `text`."""
    excludes = str(selector.get("decoration", "")).lower().endswith("excludes")
    return fits(selector.get("pattern", ""), text) != excludes


def all_select(selectors: list[dict[str, Any]], text: str) -> bool:
    """Tell whether every selector takes `text`."""
    return all(selects(each, text) for each in selectors)
