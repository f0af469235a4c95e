"""The web application."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.services.jenkins import router
from sandbox.services.jenkins.auth import Door, Sessions
from sandbox.services.jenkins.controller import Jenkins

VERSION = "2.568.2"
HEADERS = [(b"x-jenkins", VERSION.encode()), (b"x-content-type-options", b"nosniff")]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def create_app(jenkins: Jenkins) -> Starlette:
    """Return the application of a controller that is open. It starts what waits, and in the end stops what runs and closes the
    controller."""
    door = Door(jenkins.store, Sessions())

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await run_in_threadpool(jenkins.queue.resume)
        yield
        await run_in_threadpool(jenkins.close)

    async def serve(request: Request) -> Response:
        return await router.serve(request, jenkins, door)

    return Starlette(
        lifespan=lifespan,
        middleware=[Middleware(Named)],
        exception_handlers={Exception: failed},
        routes=[Route("/{path:path}", serve, methods=METHODS)],
    )


class Named:
    """Tells in every answer that this is Jenkins."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with the headers added."""
        await self._app(scope, receive, _with_headers(send))


def _with_headers(send: Send) -> Callable[[Message], Awaitable[None]]:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *HEADERS]
        await send(message)

    return sending


async def failed(request: Request, error: Exception) -> Response:
    """Answer as Jenkins does when something broke; the trace goes to the log."""
    return PlainTextResponse("Oops! A problem occurred while processing the request.", 500, dict(_text(HEADERS)))


def _text(headers: list[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    return [(name.decode(), value.decode()) for name, value in headers]
