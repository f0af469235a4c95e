"""Projects that are a cache of a registry elsewhere: what is asked for and missing is fetched and kept.

Manifests are kept in the database, blobs in the registry; a list of manifests is whole though not all of its images were ever asked for,
which the registry would not take.
"""

import json
import threading
from collections.abc import Iterator

import httpx

from sandbox.services.harbor.content import find_artifact, record
from sandbox.services.harbor.errors import ApiError, unavailable
from sandbox.services.harbor.instance import Harbor
from sandbox.services.harbor.manifest import digest_of, parse
from sandbox.services.harbor.pending import attributes
from sandbox.services.harbor.store import Row
from sandbox.services.harbor.upstream import Upstream

LOCKS: dict[str, threading.Lock] = {}
"""One for each blob that is being fetched: a second request waits for the first."""


def manifest(harbor: Harbor, project: Row, repository: str, reference: str) -> Row | None:
    """Return the artifact of a tag or digest in a cache, fetched if it is missing or the tag moved; None if it is nowhere.

    While the registry behind it does not answer, what is there is served.
    """
    found = find_artifact(harbor.db, repository, reference)
    if found and ":" in reference:
        return found
    upstream, name = _upstream(harbor, project), repository.partition("/")[2]
    try:
        digest = upstream.digest(name, reference)
        if digest is None or (found and found["digest"] == digest):
            return found
        answer = upstream.manifest(name, reference)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        if found:
            return found
        raise unavailable(f"{type(error).__name__}: the registry behind project {project['name']}") from error
    if answer is None or (":" in reference and digest_of(answer[1]) != reference):
        return found
    fetched = parse(*answer)
    if fetched.config:
        keep_blob(harbor, project, repository, fetched.config["digest"])
    details = attributes(harbor, repository, fetched)
    record(harbor, project["id"], repository, fetched, details, None if ":" in reference else reference)
    return find_artifact(harbor.db, repository, fetched.digest)


def keep_blob(harbor: Harbor, project: Row, repository: str, digest: str) -> None:
    """Fetch a blob into the registry if it lacks it. One that is nowhere is left for the registry to say so.

    Raises ApiError 502 if either registry does not answer.
    """
    if harbor.registry.has_blob(repository, digest):
        return
    key = f"{repository}@{digest}"
    try:
        with LOCKS.setdefault(key, threading.Lock()):
            if not harbor.registry.has_blob(repository, digest):
                _fetch(harbor, project, repository, digest)
    finally:
        LOCKS.pop(key, None)


def _fetch(harbor: Harbor, project: Row, repository: str, digest: str) -> None:
    try:
        with _upstream(harbor, project).blob(repository.partition("/")[2], digest) as answer:
            if answer.status_code == 200:
                harbor.registry.upload(repository, digest, _chunks(answer))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise unavailable(f"{type(error).__name__}: the registry behind project {project['name']}") from error


def _chunks(answer: httpx.Response) -> Iterator[bytes]:
    yield from answer.iter_raw(1 << 16)


def _upstream(harbor: Harbor, project: Row) -> Upstream:
    row = harbor.db.find("registries", project["registry_id"])
    if row is None:
        raise ApiError(404, "NOT_FOUND", f"registry {project['registry_id']} not found")
    return Upstream(json.loads(row["attributes"]))
