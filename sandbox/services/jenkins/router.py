"""From a request to its handler: who calls, crumbs, what may be seen, and errors as answers."""

from collections.abc import Callable
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import ImmutableMultiDict
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from sandbox.services.jenkins import api, api_items, hooks, logins, page_parts, pages, reloads
from sandbox.services.jenkins.auth import COOKIE, CRUMB_FIELD, Caller, Door
from sandbox.services.jenkins.call import Call, Values
from sandbox.services.jenkins.configuration import READ
from sandbox.services.jenkins.controller import Jenkins
from sandbox.services.jenkins.errors import HttpError, not_found

BODY_LIMIT = 20 << 20  # bytes; a body is held in memory
MOST_FIELDS = 1000
RELOAD = "reload-configuration-as-code"
Handler = Callable[[Call], Response | None]
UNPROTECTED: dict[str, Handler] = {
    hooks.PREFIX: hooks.serve,
    RELOAD: reloads.by_token,
    "login": logins.form,
    "loginError": lambda call: logins.form(call, failed=True),
    "j_spring_security_check": logins.check,
    "logout": logins.leave,
}
PROTECTED: dict[str, Handler] = {
    "job": api_items.serve,
    "me": api.me,
    "user": api.me,
    "queue": lambda call: pages.queue(call) if len(call.path) == 1 else api.queue(call),
    "computer": api.computers,
    "pluginManager": api.plugins,
    "configuration-as-code": reloads.by_administrator,
    **dict.fromkeys(("createItem", "createView", "script", "scriptText", "configSubmit"), api.refuse),
}
# By all parts of the path. Who one is may be asked without any permission, as in Jenkins.
EXACT: dict[tuple[str, ...], Handler] = {
    (): pages.root,
    ("view", "all"): pages.root,
    ("api", "json"): api.root,
    ("view", "all", "api", "json"): api.root,
    ("crumbIssuer", "api", "json"): api.crumb,
}


async def serve(request: Request, jenkins: Jenkins, door: Door) -> Response:
    """Answer any request."""
    try:
        body = await _body(request)
    except HttpError as error:
        return PlainTextResponse(error.message, error.status, error.headers)
    except ClientDisconnect:
        return Response(status_code=400)
    return await run_in_threadpool(_serve, request, jenkins, door, body)


async def _body(request: Request) -> bytes:
    limit = hooks.LIMIT if request.url.path.startswith(f"/{hooks.PREFIX}/") else BODY_LIMIT
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise HttpError(413, f"the body has more than {limit} bytes, expected at most that")
        parts.append(part)
    return b"".join(parts)


def _serve(request: Request, jenkins: Jenkins, door: Door, body: bytes) -> Response:
    headers = dict(request.headers.items())
    path = [part for part in request.scope["path"].split("/") if part]
    caller = Caller(jenkins.configuration, None, "anonymous")
    call = Call(
        jenkins, door, caller, "GET" if request.method == "HEAD" else request.method, path,
        ImmutableMultiDict(request.query_params.multi_items()), _form(headers, body), headers, body,
        f"{request.url.scheme}://{request.url.netloc}",
    )  # fmt: skip
    try:
        call.caller = door.caller(jenkins.configuration, headers.get("authorization", ""), request.cookies.get(COOKIE, ""))
        _check_crumb(call, request.scope["path"])
        answer = _handler(call)(call) or Response()
    except HttpError as error:
        answer = _refusal(call, request.scope["path"], error)
    if call.session:
        answer.set_cookie(COOKIE, call.session, httponly=True, samesite="lax", path="/")
    return answer


def _form(headers: dict[str, str], body: bytes) -> Values:
    if not headers.get("content-type", "").lower().startswith("application/x-www-form-urlencoded"):
        return ImmutableMultiDict()
    try:
        return ImmutableMultiDict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        return ImmutableMultiDict()


def _check_crumb(call: Call, path: str) -> None:
    """What a browser could be led to send needs a crumb; API tokens, hooks and the sidecar's reload have secrets of their own."""
    if call.method in ("GET", "OPTIONS") or call.caller.by_token or call.path[:1] in ([hooks.PREFIX], ["j_spring_security_check"]):
        return
    if path == f"/{RELOAD}/" and call.jenkins.options.reload_token:
        return
    given = call.headers.get(CRUMB_FIELD.lower()) or call.parameter(CRUMB_FIELD)
    if not call.door.sessions.accepts(call.caller, given):
        raise HttpError(403, "No valid crumb was included in the request")


def _handler(call: Call) -> Handler:
    first = call.path[0] if call.path else ""
    if first in UNPROTECTED:
        return UNPROTECTED[first]
    if tuple(call.path) == ("whoAmI", "api", "json"):
        return api.who_am_i
    call.require(READ)
    handler = EXACT.get(tuple(call.path)) or PROTECTED.get(first)
    if handler is None:
        raise not_found()
    return handler


def _refusal(call: Call, path: str, error: HttpError) -> Response:
    """Jenkins answers strangers with 403 and a page that leads to the login."""
    back = path if error.status == 403 and call.caller.user is None and call.method == "GET" else None
    answer = page_parts.refusal(error.status, error.message, back)
    answer.headers.update(error.headers)
    return answer
