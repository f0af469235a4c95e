"""Between the socket and the application: faults and the rate limit, and the control endpoints that switch them, which GitLab has not.

GET, POST and DELETE /-/stand-in/faults; GET, PUT and DELETE /-/stand-in/rate-limit. For administrators only.
"""

import asyncio
import json
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox.services.gitlab.auth import by_access_token
from sandbox.services.gitlab.errors import ApiError, forbidden, unauthorized
from sandbox.services.gitlab.faults import Faults, Rule, RuleError
from sandbox.services.gitlab.rate import RateLimit, refusal

CONTROL = "/-/stand-in/"
SPARED = (CONTROL, "/-/health", "/-/liveness", "/-/readiness")
TEXTS = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout", 429: "Too Many Requests"}


class Protocol(H11Protocol):
    """uvicorn's HTTP that lets the application break a connection: by ASGI's own means it can only end one in order."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Hand the way to break it to every request of this connection."""
        super().connection_made(transport)
        self.app_state = self.app_state | {"cut": transport.abort}


class Weather:
    """The ASGI application around `app`."""

    def __init__(self, app: ASGIApp, faults: Faults, limit: RateLimit) -> None:
        self._app = app
        self._faults = faults
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through to the application, unless a rule or the limit is against it."""
        if scope["type"] != "http" or scope["path"].startswith(SPARED):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        passes, headers = self._limit.count(_who(request))
        if not passes:
            await PlainTextResponse("Retry later\n", 429, headers)(scope, receive, send)
            return
        raw = scope["raw_path"].decode("ascii", "replace")
        rule = self._faults.meets(request.method, f"{raw}?{request.url.query}" if request.url.query else raw)
        await self._carry_out(rule, scope, receive, _with(headers, send))

    async def _carry_out(self, rule: Rule | None, scope: Scope, receive: Receive, send: Send) -> None:
        kind = rule.kind if rule else None
        if rule and kind in ("status", "rate_limit"):
            await _refused(rule)(scope, receive, send)
        elif kind == "cut":
            _cut(scope)
        elif kind == "cut_after":
            await self._app(scope, receive, _nowhere)
            _cut(scope)
        else:
            await asyncio.sleep(rule.seconds if rule and kind == "slow" else 0)
            await self._app(scope, receive, send)


async def faults(request: Request) -> Response:
    """Show the rules with their hits, add some, or remove all."""
    rules: Faults = request.app.state.faults
    try:
        await run_in_threadpool(_require_admin, request)
        if request.method == "POST":
            rules.add(json.loads(await request.body()))
    except ApiError as error:
        return JSONResponse(error.body, error.status)
    except ValueError as error:
        problem = str(error) if isinstance(error, RuleError) else "the body is no JSON, expected a list of rules"
        return JSONResponse({"error": problem}, 400)
    if request.method == "DELETE":
        rules.clear()
    return JSONResponse(rules.shown(), 201 if request.method == "POST" else 200)


async def rate_limit(request: Request) -> Response:
    """Show the limit, switch it on with `requests` and `period` (seconds), or off."""
    limit: RateLimit = request.app.state.limit
    try:
        await run_in_threadpool(_require_admin, request)
        if request.method != "GET":
            limit.switch(*_limits(await request.body()) if request.method == "PUT" else (0, 60))
    except ApiError as error:
        return JSONResponse(error.body, error.status)
    return JSONResponse({"requests": limit.requests, "period": limit.period})


def _limits(body: bytes) -> tuple[int, int]:
    try:
        given = json.loads(body)
        return max(1, int(given["requests"])), max(1, int(given.get("period", 60)))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        raise ApiError(400, {"error": 'the body does not fit, expected {"requests": 10, "period": 60}'}) from None


def _require_admin(request: Request) -> None:
    secret = request.headers.get("private-token")
    if not secret:
        raise unauthorized()
    caller = by_access_token(request.app.state.gitlab, secret)
    if not caller.admin or "api" not in caller.scopes:
        raise forbidden("for administrators only")


def _who(request: Request) -> str:
    """The credentials tell callers apart, or else the address."""
    given = request.headers.get("private-token") or request.headers.get("authorization") or request.query_params.get("private_token")
    return given or (request.client.host if request.client else "")


def _refused(rule: Rule) -> Response:
    if rule.kind == "rate_limit":
        return PlainTextResponse("Retry later\n", 429, refusal(rule.seconds))
    headers = {"Retry-After": str(int(rule.seconds))} if rule.seconds else {}
    return JSONResponse({"message": f"{rule.status} {TEXTS.get(rule.status, 'Error')}"}, rule.status, headers)


def _with(headers: dict[str, str], send: Send) -> Send:
    async def added(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(raw=message.setdefault("headers", [])).update(headers)
        await send(message)

    return added if headers else send


async def _nowhere(message: Message) -> None:
    """Drop the answer."""


def _cut(scope: Scope) -> None:
    cut: Any = scope["state"]["cut"]
    cut()
