"""Git over HTTP, once it is permitted: the protocol is spoken by `git http-backend`, a CGI program.

https://git-scm.com/docs/http-protocol and https://git-scm.com/docs/git-http-backend. Bodies are streamed in both directions.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sandbox.services.gitlab.auth import Caller, DeployCaller
from sandbox.services.gitlab.git import environment
from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.protection import hook_environment
from sandbox.services.gitlab.pushes import recording
from sandbox.services.gitlab.store import Row

CHUNK = 1 << 16


@dataclass(frozen=True)
class Operation:
    """A permitted request: `service` is the part of the path after the repository."""

    project: Row
    caller: Caller | DeployCaller | None
    service: str
    writes: bool


class BackendResponse(Response):
    """Speaks through `git http-backend`. It is one block from start to end, so that nothing is left undone when the client goes away."""

    def __init__(self, gitlab: Instance, operation: Operation, request: Request) -> None:
        super().__init__()
        self._gitlab = gitlab
        self._operation = operation
        self._request = request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the backend on the request's body and send what it answers."""
        async with AsyncExitStack() as stack:
            extra = _cgi(self._gitlab, self._request, self._operation)
            if self._operation.writes and isinstance(self._operation.caller, Caller):
                extra |= await stack.enter_async_context(_push(self._gitlab, self._operation.caller, self._operation.project))
            output = await stack.enter_async_context(_backend(self._request, environment(**extra)))
            status, headers = _head([line async for line in _head_lines(output)])
            await send({"type": "http.response.start", "status": status, "headers": headers})
            while chunk := await output.read(CHUNK):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        # Only now may the client learn that the push is over: the webhooks are queued, the default branch is protected.
        await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def _push(gitlab: Instance, caller: Caller, project: Row) -> AsyncIterator[dict[str, str]]:
    """Yield the environment of a push; in the end, act on the refs that it moved."""
    rules = await run_in_threadpool(hook_environment, gitlab, caller, project)
    context = recording(gitlab, project, caller.id)
    yielded = context.__enter__()
    try:
        yield rules | yielded
    finally:
        await run_in_threadpool(context.__exit__, None, None, None)


@asynccontextmanager
async def _backend(request: Request, env: dict[str, str]) -> AsyncIterator[asyncio.StreamReader]:
    """Run the backend on the body of `request` and yield its output. In the end it has ended, also if the client went away."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec("git", "http-backend", stdin=pipe, stdout=pipe, env=env)
    assert process.stdin
    assert process.stdout
    feed = asyncio.create_task(_feed(request, process.stdin))
    try:
        yield process.stdout
    finally:
        feed.cancel()
        process.stdin.close()
        while await process.stdout.read(CHUNK):
            pass  # a full pipe would keep the process from ending
        await process.wait()


async def _feed(request: Request, stdin: asyncio.StreamWriter) -> None:
    # The backend may refuse before it has read all, and the client may go away: either way git sees the end of its input and ends.
    with suppress(BrokenPipeError, ConnectionResetError, ClientDisconnect):
        async for chunk in request.stream():
            stdin.write(chunk)
            await stdin.drain()
    stdin.close()


def _cgi(gitlab: Instance, request: Request, operation: Operation) -> dict[str, str]:
    storage = gitlab.repository(operation.project).path
    values = {
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": request.url.query,
        "PATH_TRANSLATED": f"{storage}/{operation.service}",
        "GIT_HTTP_EXPORT_ALL": "1",
        "REMOTE_ADDR": request.client.host if request.client else "",
    }
    passed = {"CONTENT_TYPE": "content-type", "CONTENT_LENGTH": "content-length", "HTTP_CONTENT_ENCODING": "content-encoding",
              "HTTP_GIT_PROTOCOL": "git-protocol"}  # fmt: skip
    values |= {name: request.headers[header] for name, header in passed.items() if header in request.headers}
    # Git allows pushing to whom the web server has authenticated.
    return values | ({"REMOTE_USER": operation.caller.user["username"]} if isinstance(operation.caller, Caller) else {})


async def _head_lines(output: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while line := (await output.readline()).strip():
        yield line


def _head(lines: list[bytes]) -> tuple[int, list[tuple[bytes, bytes]]]:
    """Return the HTTP status and the headers that the lines of a CGI answer mean (RFC 3875, section 6.3)."""
    pairs = [(name.lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
    status = dict(pairs).get(b"status", b"200" if pairs else b"500")
    return int(status.split()[0]), [pair for pair in pairs if pair[0] != b"status"]
