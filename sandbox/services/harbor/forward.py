"""Requests carried on to the registry and answers back, both as streams: a layer is never held in memory."""

from collections.abc import AsyncIterator

import httpx
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from sandbox.services.harbor.errors import bad_request, unavailable

# https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1, and what this connection has of its own.
HOP = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "host",
    "expect",
    "date",
    "server",
}
LENGTH = "content-length"
PIECE = 1 << 20


class _Closing(StreamingResponse):
    """A streamed answer that lets go of the registry's connection also when the client is gone or nothing was read."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(answer.aiter_raw(), answer.status_code)
        self.raw_headers = [(name.lower(), value) for name, value in answer.headers.raw if name.decode().lower() not in HOP]
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._answer.aclose()


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """The body in pieces of a megabyte: those that arrive are a few kilobytes, and each costs the same."""
    piece = bytearray()
    async for chunk in request.stream():
        piece += chunk
        if len(piece) >= PIECE:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)


class Forwarder:
    """Carries requests to the registry at `url`."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        # No limit in time for a stream that flows slowly; none in number, as requests wait for each other otherwise.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
        timeout, verify = httpx.Timeout(None, connect=3), self._url.startswith("https")
        self._http = httpx.AsyncClient(trust_env=False, timeout=timeout, limits=limits, verify=verify)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def forward(self, request: Request, authorization: str, path: str | None = None, content: bytes | None = None) -> Response:
        """Return the registry's answer to `request`, with another `authorization` header and if given another `path` and `content`.

        Raises ApiError 502 if the registry does not answer.
        """
        # A list: clients send several lines of Accept, and each counts.
        dropped = HOP | {"authorization"} | ({LENGTH} if content is not None else set())
        headers = [(name, value) for name, value in request.headers.items() if name not in dropped]
        if authorization:
            headers.append(("authorization", authorization))
        body: AsyncIterator[bytes] | bytes | None = content
        if content is not None:
            headers.append((LENGTH, str(len(content))))
        elif request.headers.get(LENGTH, "0") != "0" or "transfer-encoding" in request.headers:
            body = _pieces(request)
        raw = path or request.scope["raw_path"].decode("ascii", "replace")
        url = f"{self._url}{raw}{'?' if request.url.query else ''}{request.url.query}"
        sent = self._http.build_request(request.method, url, headers=headers, content=body)
        try:
            answer = await self._http.send(sent, stream=True)
        except ClientDisconnect:
            raise bad_request("the client went away") from None
        except httpx.HTTPError as error:
            raise unavailable(f"{type(error).__name__}: the registry {self._url}") from error
        return _Closing(answer)
