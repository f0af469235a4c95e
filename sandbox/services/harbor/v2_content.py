"""What core answers itself below /v2/: manifests by tag, tags, repositories."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from sandbox.services.harbor import cache, content, pending, policy, removal, usage
from sandbox.services.harbor.errors import ApiError, bad_request, not_found, precondition
from sandbox.services.harbor.forward import Forwarder
from sandbox.services.harbor.immutable import immutable
from sandbox.services.harbor.instance import Harbor, metadata
from sandbox.services.harbor.manifest import LARGEST, Manifest, parse
from sandbox.services.harbor.store import Row

VERSION = {"Docker-Distribution-Api-Version": "registry/2.0"}


@dataclass(frozen=True)
class Manifests:
    """Reads and writes manifests. In a project one is written at a time: two could exceed its quota, or set one immutable tag twice."""

    harbor: Harbor
    forwarder: Forwarder
    locks: defaultdict[int, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def read(self, request: Request, authorization: str, project: Row, name: str, reference: str) -> Response:
        """Answer with a manifest: from the registry, or for a project that is a cache what is kept of the registry behind it."""
        artifact = await run_in_threadpool(self._find, project, name, reference)
        await run_in_threadpool(policy.check_pull, self.harbor, project, artifact)
        if project["registry_id"]:
            headers = VERSION | {"Docker-Content-Digest": artifact["digest"], "Etag": f'"{artifact["digest"]}"'}
            answer: Response = Response(artifact["body"], 200, headers, artifact["manifest_media_type"])
        else:
            answer = await self.forwarder.forward(request, authorization, f"/v2/{name}/manifests/{artifact['digest']}")
        if request.method == "GET" and answer.status_code == 200:
            await run_in_threadpool(content.note_pull, self.harbor, name, artifact, None if ":" in reference else reference)
        return answer

    async def write(self, request: Request, authorization: str, project: Row, name: str, reference: str) -> Response:
        """Put a manifest. The registry gets it by its digest and so keeps no tags: the database alone says what a tag means."""
        manifest = parse(request.headers.get("content-type", ""), await _body(request))
        tag = None if ":" in reference else reference
        if tag is None and reference != manifest.digest:
            raise ApiError(400, "DIGEST_INVALID", "provided digest did not match uploaded content")
        async with self.locks[project["id"]]:
            started = await run_in_threadpool(self._begin, project, name, manifest, tag)
            try:
                answer = await self.forwarder.forward(request, authorization, f"/v2/{name}/manifests/{manifest.digest}", manifest.body)
            except ApiError:
                await run_in_threadpool(pending.drop, self.harbor, started)
                raise
            if answer.status_code != 201:
                await run_in_threadpool(pending.drop, self.harbor, started)
                return answer
            artifact_id = await run_in_threadpool(pending.end_push, self.harbor, started)
        if artifact_id and metadata(project).get("auto_scan") == "true":
            await run_in_threadpool(self.harbor.scan, artifact_id)
        return answer

    async def delete(self, name: str, digest: str) -> Response:
        """Delete a manifest by its digest."""
        if ":" not in digest:
            raise ApiError(400, "UNSUPPORTED", f"unsupported digest {digest}")
        artifact = await run_in_threadpool(content.require_artifact, self.harbor.db, name, digest)
        await run_in_threadpool(removal.remove, self.harbor, name, artifact)
        return Response(status_code=202, headers=VERSION)

    def _find(self, project: Row, name: str, reference: str) -> Row:
        if project["registry_id"]:
            found = cache.manifest(self.harbor, project, name, reference)
        else:
            found = content.find_artifact(self.harbor.db, name, reference)
        if found is None:
            raise not_found(f"artifact {name}{'@' if ':' in reference else ':'}{reference}")
        return found

    def _begin(self, project: Row, name: str, manifest: Manifest, tag: str | None) -> int:
        if tag and content.find_artifact(self.harbor.db, name, tag) and immutable(self.harbor.db, name, tag):
            short = name.partition("/")[2]
            raise precondition(f"Failed to process request due to '{short}:{tag}' configured as immutable.")
        usage.check(self.harbor.db, project, manifest.blobs)
        return pending.begin_push(self.harbor, name, manifest, tag)


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST:
                break
    except ClientDisconnect:
        raise bad_request("the client went away") from None
    return bytes(body)


def tags(harbor: Harbor, request: Request, name: str) -> Response:
    """List the tags of a repository."""
    repository = content.find_repository(harbor.db, name)
    if repository is None:
        raise not_found(f"repository {name}")
    names = [row["name"] for row in harbor.db.all("SELECT name FROM tags WHERE repository_id = ? ORDER BY name", repository["id"])]
    return _cut(request, {"name": name}, "tags", names)


def catalog(harbor: Harbor, request: Request) -> Response:
    """List all repositories."""
    return _cut(request, {}, "repositories", [row["name"] for row in harbor.db.all("SELECT name FROM repositories ORDER BY name")])


def _cut(request: Request, fields: dict[str, Any], key: str, names: list[str]) -> Response:
    """Answer with those after `last`, at most `n`: https://distribution.github.io/distribution/spec/api/#pagination."""
    names = [name for name in names if name > request.query_params.get("last", "")]
    count, headers = request.query_params.get("n", ""), dict(VERSION)
    size = int(count) if count.isdecimal() and count != "0" else len(names)
    if size < len(names):
        headers["Link"] = f'<{request.url.path}?last={names[size - 1]}&n={size}>; rel="next"'
    return JSONResponse(fields | {key: names[:size]}, 200, headers)
