"""Copies of artifacts: the registry mounts the blobs, nothing is transferred."""

import json

from sandbox.services.harbor import cache, content, pending, usage
from sandbox.services.harbor.errors import ApiError, not_found
from sandbox.services.harbor.instance import Harbor
from sandbox.services.harbor.manifest import Manifest
from sandbox.services.harbor.store import Row


def copy(harbor: Harbor, project: Row, source: str, artifact: Row, target: str) -> None:
    """Copy `artifact` of the repository `source` into the repository `target` of `project`, with its tags, children first.

    Raises ApiError 403 if the quota is exceeded, 412 if an immutable tag would move, 502 if the registry does not answer.
    """
    tags = [tag["name"] for tag in content.tags_of(harbor.db, artifact["id"])]
    id = _copy(harbor, project, source, artifact, target)
    with harbor.db.transaction():
        for tag in tags:
            content.set_tag(harbor.db, target, harbor.db.get("artifacts", id)["repository_id"], id, tag)


def _copy(harbor: Harbor, project: Row, source: str, artifact: Row, target: str) -> int:
    manifest = Manifest(artifact["manifest_media_type"], artifact["body"], json.loads(artifact["body"]))
    there = content.find_artifact(harbor.db, target, manifest.digest)
    if there:
        return int(there["id"])
    usage.check(harbor.db, project, manifest.blobs)
    for child in manifest.children:
        row = content.find_artifact(harbor.db, source, child["digest"])
        if row is None:
            raise not_found(f"artifact {source}@{child['digest']}")
        _copy(harbor, project, source, row, target)
    origin = harbor.project_of(source)
    for digest in manifest.blobs:
        if digest != manifest.digest:
            if origin and origin["registry_id"]:
                cache.keep_blob(harbor, origin, source, digest)
            harbor.registry.mount(target, digest, source)
    started = pending.begin_push(harbor, target, manifest, None)
    try:
        harbor.registry.put_manifest(target, manifest.digest, manifest.media_type, manifest.body)
    except ApiError:
        pending.drop(harbor, started)
        raise
    id = pending.end_push(harbor, started)
    if id is None:
        raise not_found(f"project of {target}")
    return id
