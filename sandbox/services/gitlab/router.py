"""From a request for /api/v4 to the handler for its route, and back to a response.

Starlette's own routing works on the decoded path, where `group%2Fproject` has become two parts: here the path counts as it was sent.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.services.gitlab.access import project_level, visible
from sandbox.services.gitlab.auth import Caller, by_access_token
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import ApiError, insufficient_scope, not_found, unauthorized
from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.paging import page
from sandbox.services.gitlab.params import check_text, parse_params
from sandbox.services.gitlab.paths import moved

PREFIX = "/api/v4"
BODY_LIMIT = 100 << 20  # bytes; a body is held in memory
Handler = Callable[[Call], Any]


@dataclass(frozen=True)
class Route:
    """A method and path with the status of its success. `scopes` are allowed besides `api` (and `read_api` to read)."""

    method: str
    path: str
    pattern: re.Pattern[str]
    handler: Handler
    status: int
    scopes: frozenset[str]
    paged: bool
    public: bool
    keyset: tuple[str, ...]


ROUTES: list[Route] = []


def route(
    method: str, path: str, *, status: int = 200, scopes: tuple[str, ...] = (), paged: bool = False, public: bool = False,
    keyset: tuple[str, ...] = (),
) -> Callable[[Handler], Handler]:  # fmt: skip
    """Register a handler for `method` on `path` (after /api/v4, parts in braces).

    The handler returns what becomes the JSON body, or a Response. `paged`: it returns the whole list, of which the asked page is sent.
    `public`: it also serves callers without a token. `keyset`: the orders in which its pages can also be had by key, see paging.py.
    """

    def register(handler: Handler) -> Handler:
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
        readable = {"api", "read_api"} if method in ("GET", "HEAD") else {"api"}
        ROUTES.append(Route(method, path, pattern, handler, status, frozenset(readable | set(scopes)), paged, public, keyset))
        return handler

    return register


async def serve(request: Request, gitlab: Instance) -> Response:
    """Answer a request below /api/v4."""
    try:
        path = request.scope["raw_path"].decode("ascii", "replace").removeprefix(PREFIX).rstrip("/")
        found, parts = _find(request.method, path)
        params = parse_params(request.url.query, request.headers.get("content-type", ""), await _body(request))
        check_text(list(parts.values()))
        return await run_in_threadpool(_answer, gitlab, found, parts, params, request)
    except ApiError as error:
        return JSONResponse(error.body, error.status, error.headers)


async def _body(request: Request) -> bytes:
    """Read the body; ApiError 413 as soon as it is known to be too large."""
    announced, body = request.headers.get("content-length", ""), bytearray()
    too_large = ApiError(413, {"error": "413 Request Entity Too Large"}, {"Connection": "close"})
    if announced.isdecimal() and int(announced) > BODY_LIMIT:
        raise too_large
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise too_large
    return bytes(body)


def _find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    fitting = [(route, match) for route in ROUTES if (match := route.pattern.fullmatch(path))]
    for route, match in fitting:
        if route.method == method:
            return route, {name: unquote(value) for name, value in match.groupdict().items()}
    if fitting:
        raise ApiError(405, {"error": "405 Not Allowed"}, {"Allow": ", ".join(sorted({route.method for route, _ in fitting}))})
    raise ApiError(404, {"error": "404 Not Found"})


def _answer(gitlab: Instance, route: Route, parts: dict[str, str], params: dict[str, Any], request: Request) -> Response:
    caller = _authenticate(gitlab, request, params)
    if caller is None and not route.public:
        raise unauthorized()
    if caller and not caller.scopes & route.scopes:
        raise insufficient_scope(" ".join(sorted(route.scopes)))
    call = Call(gitlab, caller, parts, params)
    try:
        result = route.handler(call)
    except ApiError as error:
        raise _elsewhere(call, request, error) from None
    if isinstance(result, Response):
        return result
    if route.paged:
        result = page(call, request, result, route.keyset)
    if route.status == 204:
        return Response(status_code=204)
    return JSONResponse(result, route.status, call.reply_headers)


def _elsewhere(call: Call, request: Request, error: ApiError) -> ApiError:
    """Return what to answer in place of `error` if the project is not found because it moved."""
    path, key = request.scope["raw_path"].decode("ascii", "replace"), call.path.get("id", "")
    project = moved(call.gitlab, key) if error.body == not_found("Project").body and path.startswith(f"{PREFIX}/projects/") else None
    if project is None or not visible(project_level(call.gitlab, call.someone, project), call.someone, project["visibility"]):
        return error
    if request.method not in ("GET", "HEAD"):
        return ApiError(405, {"message": "405 Method Not Allowed - Non GET methods are not allowed for moved projects"})
    rest = path.removeprefix(f"{PREFIX}/projects/").partition("/")[2]
    address = f"{call.gitlab.url}{PREFIX}/projects/{project['id']}{'/' if rest else ''}{rest}"
    target = f"{address}?{request.url.query}" if request.url.query else address
    return ApiError(301, {"message": f"This resource has been moved permanently to {address}"}, {"Location": target})


def _authenticate(gitlab: Instance, request: Request, params: dict[str, Any]) -> Caller | None:
    secret = request.headers.get("private-token") or params.pop("private_token", None)
    kind, _, bearer = request.headers.get("authorization", "").partition(" ")
    secret = secret or (bearer.strip() if kind.lower() == "bearer" else None)
    return by_access_token(gitlab, secret) if secret else None
