"""From a request for /api/v2.0 to the handler for its route, and back to a response.

Starlette's own routing works on the decoded path, where `a%2Fb` has become two parts: here the path counts as it was sent.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.services.harbor.auth import NOBODY, by_header
from sandbox.services.harbor.call import Call, Handler
from sandbox.services.harbor.errors import ApiError, bad_request, not_allowed, not_found
from sandbox.services.harbor.instance import Harbor
from sandbox.services.harbor.query import page

PREFIX = "/api/v2.0"
BODY_LIMIT = 4 << 20  # bytes; a body is held in memory


@dataclass(frozen=True)
class Route:
    """A method and path with the status of its success. `open`: even wrong credentials are no reason to refuse it."""

    method: str
    path: str
    pattern: re.Pattern[str]
    handler: Handler
    status: int
    paged: bool
    open: bool


ROUTES: list[Route] = []


def route(method: str, path: str, *, status: int = 200, paged: bool = False, open: bool = False) -> Callable[[Handler], Handler]:
    """Register a handler for `method` on `path` (after /api/v2.0, parts in braces).

    The handler returns what becomes the JSON body, None for an empty one, or a Response. `paged`: it returns the whole list, of which the
    asked page is sent. `open`: it does not ask who calls.
    """

    def register(handler: Handler) -> Handler:
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path.rstrip("/")))
        ROUTES.append(Route(method, path, pattern, handler, status, paged, open))
        return handler

    return register


async def serve(request: Request, harbor: Harbor) -> Response:
    """Answer a request below /api/v2.0."""
    try:
        path = request.scope["raw_path"].decode("ascii", "replace").removeprefix(PREFIX).rstrip("/")
        found, parts = _find(request.method, path)
        body = _parse(await _read(request))
        return await run_in_threadpool(_answer, harbor, found, parts, body, request)
    except ApiError as error:
        return JSONResponse(error.body, error.status, error.headers)


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise ApiError(413, "REQUEST_ENTITY_TOO_LARGE", f"the body is larger than {BODY_LIMIT} bytes", {"Connection": "close"})
    return bytes(body)


def _parse(body: bytes) -> Any:
    try:
        parsed = json.loads(body) if body else None
        json.dumps(parsed, ensure_ascii=False).encode()  # half a character cannot be stored
        return parsed
    except (ValueError, RecursionError):
        raise bad_request("the body is no JSON") from None


def _find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    fitting = [(route, match) for route in ROUTES if (match := route.pattern.fullmatch(path))]
    for route, match in fitting:
        if route.method == method:
            return route, {name: unquote(value) for name, value in match.groupdict().items()}
    if fitting:
        raise not_allowed(f"{method} is not allowed on {path}")
    raise not_found(f"path {path}")


def _answer(harbor: Harbor, route: Route, parts: dict[str, str], body: Any, request: Request) -> Response:
    authorization = request.headers.get("authorization", "")
    try:
        caller = by_header(harbor, authorization)
    except ApiError:
        if not route.open:
            raise
        caller = NOBODY
    path = request.scope["raw_path"].decode("ascii", "replace")
    call = Call(harbor, caller, parts, dict(request.query_params), body, dict(request.headers), path)
    result = route.handler(call)
    if isinstance(result, Response):
        return result
    if route.paged:
        result = page(call, result)
    if result is None:
        return Response(status_code=route.status, headers=call.reply_headers)
    return JSONResponse(result, route.status, call.reply_headers)
