"""The web application: API, tokens, the registry's API, and a page."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import sandbox.services.harbor.routes  # noqa: F401  (registers the API)
from sandbox.services.harbor import pages, pending, router, token_service
from sandbox.services.harbor.forward import Forwarder
from sandbox.services.harbor.instance import Harbor, seed
from sandbox.services.harbor.keys import Signer
from sandbox.services.harbor.registry import Registry
from sandbox.services.harbor.scan.worker import Worker
from sandbox.services.harbor.store import Database
from sandbox.services.harbor.v2 import Entry
from sandbox.services.harbor.v2_content import Manifests

SOON, LATER = 0.5, 5  # seconds
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True)
class Options:
    """data: directory of all data of core. url: the one address under which everybody reaches it. registry_url: the registry behind it.
    password: the administrator's. advisories: the scanner's file."""

    data: Path
    url: str
    registry_url: str
    password: str
    advisories: Path


def create_app(options: Options, signer: Signer) -> Starlette:
    """Return the application, whose tokens `signer` signs."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        worker, forwarder = Worker(), Forwarder(options.registry_url)
        db, registry = Database(options.data / "harbor.sqlite"), Registry(options.registry_url, signer)
        harbor = Harbor(
            options.url.rstrip("/"), db, registry, signer, options.password, options.advisories, lambda id: worker.start(harbor, id)
        )
        seed(db)
        left = pending.last(harbor)
        await run_in_threadpool(pending.recover, harbor, left)
        catching_up = asyncio.create_task(_catch_up(harbor, worker, left))
        app.state.harbor, app.state.entry = harbor, Entry(harbor, forwarder, Manifests(harbor, forwarder))
        yield
        catching_up.cancel()
        await asyncio.wait([catching_up])
        worker.stop()
        await forwarder.close()
        registry.close()
        db.close()

    return Starlette(
        lifespan=lifespan,
        exception_handlers={Exception: failed},
        routes=[
            Route("/", start_page),
            Route("/service/token", token),
            Route(f"{router.PREFIX}/{{rest:path}}", api, methods=METHODS),
            Route("/v2/{rest:path}", v2, methods=METHODS),
        ],
    )


async def _catch_up(harbor: Harbor, worker: Worker, left: int) -> None:
    """Do what waits for the registry, which may come up later than core, or be away for a while."""
    while not await run_in_threadpool(harbor.registry.healthy):
        await asyncio.sleep(SOON)
    worker.resume(harbor)
    while True:
        await run_in_threadpool(pending.recover, harbor, left)
        await asyncio.sleep(LATER)


def _harbor(request: Request) -> Harbor:
    return request.app.state.harbor  # type: ignore[no-any-return]


async def api(request: Request) -> Response:
    """Answer a call of the REST API."""
    return await router.serve(request, _harbor(request))


async def v2(request: Request) -> Response:
    """Answer a request of a registry's client."""
    entry: Entry = request.app.state.entry
    return await entry.serve(request)


async def token(request: Request) -> Response:
    """Answer a request for a token."""
    return await run_in_threadpool(token_service.serve, _harbor(request), request)


async def start_page(request: Request) -> Response:
    """Show the projects."""
    return await run_in_threadpool(pages.start_page, _harbor(request))


async def failed(request: Request, error: Exception) -> Response:
    """Answer as Harbor does when something broke; the trace goes to the log."""
    return JSONResponse({"errors": [{"code": "UNKNOWN", "message": "internal server error"}]}, 500)
