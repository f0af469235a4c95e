"""Lists in order and in pages: https://docs.gitlab.com/api/rest/#pagination."""

import base64
import json
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import ApiError, bad_request

PAGE_PARAMS = ("page", "per_page", "id_after", "id_before", "cursor", "page_token", "private_token")
"""What the address of another page has anew, or, like a token, must not have: clients log addresses."""


def ordered(call: Call, items: list[Any], fields: tuple[str, ...], by: str, sort: str) -> list[Any]:
    """Return `items` in the order of the parameters `order_by` (one of `fields`, else `by`) and `sort` (asc or desc, else `sort`)."""
    field = call.choice("order_by", fields, by)
    down = call.choice("sort", ("asc", "desc"), sort) == "desc"
    return sorted(items, key=lambda item: (item.get(field) is not None, item.get(field), item["id"]), reverse=down)


def page(call: Call, request: Request, items: list[Any], keyset: tuple[str, ...]) -> list[Any]:
    """Cut the asked page out of `items`, and describe it in the call's reply headers.

    `keyset`: the orders for which the list has keyset pagination; "page_token" for the tree. Raises ApiError 405 for another one.
    """
    size, number = call.integer("per_page", 20) or 0, max(1, call.integer("page", 1) or 1)
    if size < 1:
        raise ApiError(400, {"error": "per_page has a value not allowed" if size == 0 else "per_page does not have a valid value"})
    if call.choice("pagination", ("legacy", "keyset", "none"), "legacy") == "keyset":
        return _by_key(call, request, items, keyset, min(100, size))
    return _by_number(call, request, items, number, min(100, size))


def _by_number(call: Call, request: Request, items: list[Any], number: int, size: int) -> list[Any]:
    last = max(1, -(-len(items) // size))
    links = [(number - 1, "prev")] * (number > 1) + [(number + 1, "next")] * (number < last) + [(1, "first"), (last, "last")]
    call.reply_headers |= {
        "X-Page": str(number),
        "X-Per-Page": str(size),
        "X-Next-Page": str(number + 1) if number < last else "",
        "X-Prev-Page": str(number - 1) if number > 1 else "",
        "X-Total": str(len(items)),
        "X-Total-Pages": str(last),
        "Link": ", ".join(_link(call, request, relation, page=to, per_page=size) for to, relation in links),
    }
    return items[(number - 1) * size : number * size]


def _by_key(call: Call, request: Request, items: list[Any], keyset: tuple[str, ...], size: int) -> list[Any]:
    by = "page_token" if keyset == ("page_token",) else call.params.get("order_by", "created_at")
    if by not in keyset:
        raise ApiError(405, {"error": "Keyset pagination is not yet available for this type of request"})
    rest = items[_start(call, items, by) :]
    if len(rest) > size:
        down = call.params.get("sort", "desc") == "desc"
        following = _following(rest[size - 1], by, "id_before" if down else "id_after")
        call.reply_headers |= {"Link": _link(call, request, "next", per_page=size, **following)}
    return rest[:size]


def _start(call: Call, items: list[Any], by: str) -> int:
    """Return the place of the first item after the one that the parameters name."""
    key, token = "path" if by == "page_token" else "id", call.params.get("page_token") or call.params.get("cursor")
    given = call.params.get("id_after", call.params.get("id_before"))
    if token is None and given is None:
        return 0
    last = _decoded(token) if token is not None else call.integer("id_after") or call.integer("id_before")
    ids = [item[key] for item in items]
    if last in ids:
        return ids.index(last) + 1
    if token is not None or by != "id":
        raise bad_request("400 Bad request - the page this one follows is gone: begin anew")
    down = "id_before" in call.params
    return next((place for place, id in enumerate(ids) if (id < last if down else id > last)), len(ids))


def _following(item: Any, by: str, direction: str) -> dict[str, Any]:
    if by == "id":
        return {direction: item["id"]}
    name, value = ("page_token", item["path"]) if by == "page_token" else ("cursor", item["id"])
    return {name: base64.urlsafe_b64encode(json.dumps(value).encode()).decode()}


def _decoded(token: str) -> Any:
    try:
        return json.loads(base64.urlsafe_b64decode(token))
    except ValueError:
        raise bad_request("400 Bad request - the page token or cursor is invalid") from None


def _link(call: Call, request: Request, relation: str, **params: Any) -> str:
    path = request.scope["raw_path"].decode("ascii", "replace")
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in PAGE_PARAMS]
    return f'<{call.gitlab.url}{path}?{urlencode([*kept, *params.items()])}>; rel="{relation}"'
