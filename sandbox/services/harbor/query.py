"""Lists: filtered by `q`, in the order of `sort`, in pages. https://goharbor.io/docs/2.14.0/build-customize-contribute/query-syntax/"""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from sandbox.services.harbor.call import Call
from sandbox.services.harbor.errors import bad_request, unprocessable

LARGEST_PAGE = 100
Filters = dict[str, str]
"""Field, in small letters, to what is wanted of it."""


def filters(text: str) -> Filters:
    """Return the conditions of the parameter `q`, as `name=~x,level=project`; ApiError 400 if it has no such form."""
    found: Filters = {}
    # Commas inside {a,b} do not end a condition.
    for part in re.split(r",(?![^{(\[]*[})\]])", text) if text else []:
        key, equals, wanted = part.partition("=")
        if not equals or not key.strip():
            raise bad_request(f"the query string must be a list of name=value, not {part!r}")
        found[key.strip().lower()] = wanted.strip()
    return found


def select(items: list[dict[str, Any]], wanted: Filters) -> list[dict[str, Any]]:
    """Return those `items` that fulfil all conditions; a field that they do not have is no condition."""
    flat = [item.get("metadata", {}) | item for item in items]  # a project's `public` is among its settings
    known = {field for item in flat for field in item}
    conditions = {name: value for name, value in wanted.items() if name in known}
    return [item for item, fields in zip(items, flat, strict=True) if all(_fits(fields.get(name), conditions[name]) for name in conditions)]


def ordered(items: list[dict[str, Any]], sort: str) -> list[dict[str, Any]]:
    """Return `items` in the order of the fields in `sort`, separated by commas, with a minus for the other way round."""
    for field in reversed([each.strip() for each in sort.split(",") if each.strip()]):
        name = field.lstrip("+-")
        if all(name in item for item in items):
            items = sorted(items, key=lambda item: (item[name] is not None, item[name]), reverse=field.startswith("-"))
    return items


def page(call: Call, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the asked page of `items` after `q` and `sort`, and tell of it in the call's reply headers.

    Raises ApiError 400 or 422 for parameters that do not fit.
    """
    number, size = _integer(call, "page", 1), _integer(call, "page_size", 10)
    if number < 1 or not 1 <= size <= LARGEST_PAGE:
        raise unprocessable(f"page is {number} and page_size {size}, expected at least 1 and 1 to {LARGEST_PAGE}")
    items = ordered(select(items, filters(call.query.get("q", ""))), call.query.get("sort", ""))
    links = [(number - 1, "prev")] * (number > 1) + [(number + 1, "next")] * (number * size < len(items))
    query = {name: value for name, value in call.query.items() if name not in ("page", "page_size")}
    addresses = [(f"{call.url_path}?{urlencode({**query, 'page': to, 'page_size': size})}", name) for to, name in links]
    call.reply_headers["X-Total-Count"] = str(len(items))
    if addresses:
        call.reply_headers["Link"] = " , ".join(f'<{address}>; rel="{name}"' for address, name in addresses)
    return items[(number - 1) * size : number * size]


def _integer(call: Call, name: str, default: int) -> int:
    value = call.query.get(name, str(default))
    if not re.fullmatch("-?[0-9]{1,9}", value):
        raise unprocessable(f"{name} is {value!r}, expected a whole number")
    return int(value)


def _fits(value: Any, wanted: str) -> bool:
    if isinstance(value, list):  # tags, labels
        names = [each["name"] if isinstance(each, dict) else each for each in value]
        return bool(names) if wanted == "*" else not names if wanted == "nil" else any(_fits(name, wanted) for name in names)
    if value is None:
        return wanted in ("nil", "[]")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if wanted.startswith("~"):
        return wanted[1:].lower() in text.lower()
    if wanted[:1] in ("{", "("):
        return text in _words(wanted)
    if wanted.startswith("["):
        low, _, high = wanted.strip("[]").partition("~")
        return (not low or _number(text) >= _number(low)) and (not high or _number(text) <= _number(high))
    return text == wanted.strip("'\"")


def _words(text: str) -> Iterable[str]:
    return re.split(r"[\s,]+", text.strip("{}() "))


def _number(text: str) -> tuple[int, float, str]:
    return (0, float(text), "") if re.fullmatch(r"-?\d+(\.\d+)?", text) else (1, 0.0, text)
