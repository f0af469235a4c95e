"""Who may do what through Git over HTTP."""

import re

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from sandbox.services.gitlab.access import DEVELOPER, archived, find_project, may_read_code, project_level, visible
from sandbox.services.gitlab.auth import Caller, DeployCaller, by_header
from sandbox.services.gitlab.errors import ApiError
from sandbox.services.gitlab.git_backend import BackendResponse, Operation
from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.paths import moved
from sandbox.services.gitlab.store import Row

PATH = re.compile(r"/(?P<project>.+?)(?:\.git)?/(?P<service>info/refs|git-upload-pack|git-receive-pack)")
READ_SCOPES, WRITE_SCOPES = {"api", "read_repository", "write_repository"}, {"api", "write_repository"}


class RefusedError(Exception):
    """The request is answered with `response`."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


async def serve(request: Request, gitlab: Instance) -> Response:
    """Answer one request of the Git protocol; 404 for every other path."""
    try:
        operation = await run_in_threadpool(_permit, gitlab, request)
    except RefusedError as refusal:
        return refusal.response
    return BackendResponse(gitlab, operation, request)


def _permit(gitlab: Instance, request: Request) -> Operation:
    match = PATH.fullmatch(request.url.path)
    asked = request.query_params.get("service") if match and match["service"] == "info/refs" else None
    if not match or (match["service"] == "info/refs" and asked not in ("git-upload-pack", "git-receive-pack")):
        raise RefusedError(Response("Not Found", 404))
    writes = "git-receive-pack" in (asked, match["service"])
    try:
        caller = by_header(gitlab, request.headers.get("authorization", ""))
    except ApiError:
        raise RefusedError(_challenge()) from None
    path = match["project"]
    project = (find_project(gitlab, path) or moved(gitlab, path)) if not path.isdigit() else None
    if caller and not caller.scopes & (WRITE_SCOPES if writes else READ_SCOPES):
        raise RefusedError(Response(f"You are not allowed to {'push' if writes else 'download'} code with this token's scopes.", 403))
    if project is None or not _sees(gitlab, caller, project):
        raise RefusedError(_challenge() if caller is None else Response("The project you were looking for could not be found.", 404))
    if caller is None and (writes or not may_read_code(gitlab, None, project)):
        raise RefusedError(_challenge())
    if not _may(gitlab, caller, project, writes):
        what = "push code to" if writes else "download code from"
        raise RefusedError(Response(f"You are not allowed to {what} this project.", 403))
    return Operation(project, caller, match["service"], writes)


def _challenge() -> Response:
    text = "HTTP Basic: Access denied. If a password was provided for Git authentication, use an access token instead."
    return Response(text, 401, {"WWW-Authenticate": 'Basic realm="GitLab"'})


def _sees(gitlab: Instance, caller: Caller | DeployCaller | None, project: Row) -> bool:
    if isinstance(caller, DeployCaller):
        return may_read_code(gitlab, caller, project)
    return visible(project_level(gitlab, caller, project), caller, project["visibility"])


def _may(gitlab: Instance, caller: Caller | DeployCaller | None, project: Row, writes: bool) -> bool:
    if not writes:
        return may_read_code(gitlab, caller, project)
    return isinstance(caller, Caller) and project_level(gitlab, caller, project) >= DEVELOPER and not archived(project)
