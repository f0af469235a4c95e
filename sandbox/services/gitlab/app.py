"""The web application: API, Git, health and pages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

import sandbox.services.gitlab.routes  # noqa: F401  (registers the API)
from sandbox.services.gitlab import git_http, pages, router, weather
from sandbox.services.gitlab.deletion import remove_due
from sandbox.services.gitlab.faults import Faults
from sandbox.services.gitlab.instance import Instance, open_instance, seed
from sandbox.services.gitlab.pushes import process_left_over
from sandbox.services.gitlab.rate import RateLimit
from sandbox.services.gitlab.sender import Sender

API_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def create_app(data: Path, url: str, root_token: str, group: str | None = None, deletion_days: int = 30) -> Starlette:
    """Return the application.

    Arguments: `data` directory of all its data; `url` the one address under which everybody reaches it; `root_token` the administrator's
    access token; `group` a top-level group to make if it is not there; `deletion_days` how long what was deleted can be restored, 0 for not
    at all.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        due, loop = asyncio.Event(), asyncio.get_running_loop()
        gitlab = open_instance(data, url, wake=lambda: _set(loop, due), deletion_days=deletion_days)
        seed(gitlab, root_token, group)
        await run_in_threadpool(process_left_over, gitlab)
        await run_in_threadpool(remove_due, gitlab)
        app.state.gitlab, app.state.faults, app.state.limit = gitlab, faults, limit
        sending = asyncio.create_task(Sender(gitlab, due).run())
        yield
        sending.cancel()
        await asyncio.wait([sending])
        gitlab.db.close()

    faults, limit = Faults(), RateLimit()
    git_routes = [Route(f"/{{project:path}}/{service}", git, methods=methods) for service, methods in GIT_SERVICES.items()]
    return Starlette(
        lifespan=lifespan,
        exception_handlers={Exception: failed},
        middleware=[Middleware(weather.Weather, faults, limit)],
        routes=[
            Route("/", start_page),
            Route("/-/health", health),
            Route("/-/liveness", ready),
            Route("/-/readiness", ready),
            Route(f"{weather.CONTROL}faults", weather.faults, methods=["GET", "POST", "DELETE"]),
            Route(f"{weather.CONTROL}rate-limit", weather.rate_limit, methods=["GET", "PUT", "DELETE"]),
            Route("/api/v4/{rest:path}", api, methods=API_METHODS),
            *git_routes,
            Route("/{project:path}", project_page),
        ],
    )


GIT_SERVICES = {"info/refs": ["GET"], "git-upload-pack": ["POST"], "git-receive-pack": ["POST"]}


def _set(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    loop.call_soon_threadsafe(event.set)  # handlers run in threads, and an Event belongs to its loop


def _gitlab(request: Request) -> Instance:
    return request.app.state.gitlab  # type: ignore[no-any-return]


async def api(request: Request) -> Response:
    """Answer a call of the REST API."""
    return await router.serve(request, _gitlab(request))


async def git(request: Request) -> Response:
    """Answer a request of the Git protocol."""
    return await git_http.serve(request, _gitlab(request))


async def failed(request: Request, error: Exception) -> Response:
    """Answer as GitLab does when something broke; the trace goes to the log."""
    return JSONResponse({"message": "500 Internal Server Error"}, 500)


async def health(request: Request) -> Response:
    """Answer as GitLab's /-/health: the process is up."""
    return PlainTextResponse("GitLab OK")


async def ready(request: Request) -> Response:
    """Answer as GitLab's /-/readiness: nothing is served before the data is open."""
    return JSONResponse({"status": "ok", "master_check": [{"status": "ok"}]})


async def start_page(request: Request) -> Response:
    """Show the projects."""
    return await run_in_threadpool(pages.start_page, _gitlab(request), request)


async def project_page(request: Request) -> Response:
    """Show one project."""
    return await run_in_threadpool(pages.project_page, _gitlab(request), request)
