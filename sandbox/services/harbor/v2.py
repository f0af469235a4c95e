"""The registry's own API, /v2/: https://distribution.github.io/distribution/spec/api/.

The registry judges every request by its token. Core stands in front: it turns Basic credentials into a token, and does what a registry
does not know of (tags, immutability, quotas, caches).
"""

import re
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.services.harbor import access, cache, usage
from sandbox.services.harbor.auth import NOBODY, by_header, find_robot
from sandbox.services.harbor.errors import ApiError, not_allowed, unauthorized
from sandbox.services.harbor.forward import Forwarder
from sandbox.services.harbor.instance import ADMIN, Harbor
from sandbox.services.harbor.keys import Claims
from sandbox.services.harbor.store import Row
from sandbox.services.harbor.v2_content import Manifests, catalog, tags

NAME = r"/v2/(?P<name>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)"
MANIFEST = re.compile(NAME + r"/manifests/(?P<reference>[^/]+)")
BLOB = re.compile(NAME + r"/blobs/(?P<digest>[a-z0-9]+:[0-9a-f]+)")
UPLOAD = re.compile(NAME + r"/blobs/uploads(?:/.*)?")
TAGS = re.compile(NAME + r"/tags/list")
VERSION = {"Docker-Distribution-Api-Version": "registry/2.0"}


@dataclass(frozen=True)
class Entry:
    """The way in: `forwarder` to the registry, `manifests` for what core has to say."""

    harbor: Harbor
    forwarder: Forwarder
    manifests: Manifests

    async def serve(self, request: Request) -> Response:
        """Answer a request below /v2/."""
        try:
            authorization, claims = await run_in_threadpool(self._who, request)
            return await self._answer(request, authorization, claims)
        except ApiError as error:
            challenge = {"WWW-Authenticate": 'Basic realm="harbor"'} if error.status == 401 else {}
            return JSONResponse(error.body, error.status, VERSION | challenge | error.headers)

    async def _answer(self, request: Request, authorization: str, claims: Claims | None) -> Response:
        path, reading = request.scope["path"], request.method in ("GET", "HEAD")
        if claims and path == "/v2/_catalog" and claims.catalog:
            return await run_in_threadpool(catalog, self.harbor, request)
        if claims and (found := TAGS.fullmatch(path)) and claims.allow(found["name"], "pull"):
            return await run_in_threadpool(tags, self.harbor, request, found["name"])
        if claims and (found := MANIFEST.fullmatch(path)):
            return await self._manifest(request, authorization, claims, found["name"], found["reference"])
        if claims and reading and (found := BLOB.fullmatch(path)) and claims.allow(found["name"], "pull"):
            project = await run_in_threadpool(self.harbor.project_of, found["name"])
            if project and project["registry_id"]:
                await run_in_threadpool(cache.keep_blob, self.harbor, project, found["name"], found["digest"])
        if claims and not reading and (found := UPLOAD.fullmatch(path)) and claims.allow(found["name"], "push"):
            length = request.headers.get("content-length", "0")
            await run_in_threadpool(self._check_upload, found["name"], int(length) if length.isdecimal() else 0)
        return await self.forwarder.forward(request, authorization)

    async def _manifest(self, request: Request, authorization: str, claims: Claims, name: str, reference: str) -> Response:
        project = await run_in_threadpool(self.harbor.project_of, name)
        if project and request.method in ("GET", "HEAD") and claims.allow(name, "pull"):
            return await self.manifests.read(request, authorization, project, name, reference)
        if project and request.method == "PUT" and claims.allow(name, "pull", "push"):
            _refuse_proxy(project)
            return await self.manifests.write(request, authorization, project, name, reference)
        if project and request.method == "DELETE" and claims.allow(name, "delete"):
            return await self.manifests.delete(name, reference)
        return await self.forwarder.forward(request, authorization)  # the registry says what is missing

    def _check_upload(self, name: str, length: int) -> None:
        project = self.harbor.project_of(name)
        if project is None:
            raise unauthorized()
        _refuse_proxy(project)
        if length:
            usage.check(self.harbor.db, project, {"": length})

    def _who(self, request: Request) -> tuple[str, Claims | None]:
        """Return the header for the registry, and what it allows if its token is ours. ApiError 401 if the credentials are wrong,
        or those of a robot that may no longer do anything."""
        given = request.headers.get("authorization", "")
        if not given:
            return "", None
        kind, _, token = given.partition(" ")
        if kind.lower() == "basic":
            token = self._exchange(request, given)
        claims = self.harbor.signer.verify(token)
        if claims and claims.subject not in ("", ADMIN) and find_robot(self.harbor, claims.subject) is None:
            raise unauthorized("the robot account is disabled, expired or gone")
        return f"Bearer {token}", claims

    def _exchange(self, request: Request, given: str) -> str:
        """Return a token for all that the caller of Basic credentials may do with what the request names."""
        caller = by_header(self.harbor, given)
        if caller == NOBODY:
            raise unauthorized()
        found = re.match(NAME + "/(?:manifests|blobs|tags|referrers)/", request.scope["path"])
        names = [found["name"]] if found else []
        if "from" in request.query_params:  # a blob of another repository is mounted
            names.append(request.query_params["from"])
        rights = [(name, access.registry_actions(self.harbor, caller, name, {"*"})) for name in names]
        return self.harbor.signer.sign(caller.name, rights, catalog=access.may_system(caller, "catalog", "read"))


def _refuse_proxy(project: Row) -> None:
    if project["registry_id"]:
        raise not_allowed(f"can not push artifact to a proxy project: {project['name']}")
