"""Artifacts: images and whatever else is pushed."""

import json
from typing import Any
from urllib.parse import quote, unquote

from sandbox.services.harbor import access, content, copying, removal
from sandbox.services.harbor.call import Call, repository_name
from sandbox.services.harbor.errors import bad_request, not_allowed
from sandbox.services.harbor.immutable import immutable
from sandbox.services.harbor.manifest import Manifest
from sandbox.services.harbor.router import PREFIX, route
from sandbox.services.harbor.routes import repositories
from sandbox.services.harbor.scan.report import MIME, overview
from sandbox.services.harbor.store import Database, Row

PATH = f"{repositories.ONE}/artifacts"
ONE = f"{PATH}/{{reference}}"


def manifest_of(artifact: Row) -> Manifest:
    """Return the manifest of an artifact."""
    return Manifest(artifact["manifest_media_type"], artifact["body"], json.loads(artifact["body"]))


def shown(call: Call, artifact: Row) -> dict[str, Any]:
    """Return the form of an artifact, with what the caller asked to see of it."""
    db, manifest = call.harbor.db, manifest_of(artifact)
    repository = db.get("repositories", artifact["repository_id"])
    project, _, name = repository["name"].partition("/")
    at = f"{PREFIX}/projects/{project}/repositories/{quote(quote(name, safe=''), safe='')}/artifacts/{artifact['digest']}"
    links = ("vulnerabilities",) if manifest.is_list else ("build_history", "vulnerabilities")
    fields: dict[str, Any] = {
        "id": artifact["id"], "type": artifact["type"], "media_type": artifact["media_type"], "digest": artifact["digest"],
        "manifest_media_type": artifact["manifest_media_type"], "artifact_type": artifact["artifact_type"],
        "project_id": repository["project_id"], "repository_id": repository["id"], "repository_name": repository["name"],
        "size": size(db, artifact), "icon": "", "push_time": artifact["push_time"], "pull_time": artifact["pull_time"],
        "extra_attrs": json.loads(artifact["extra_attrs"]), "annotations": manifest.content.get("annotations"),
        "references": [_reference(db, artifact, each) for each in manifest.children] or None, "labels": None, "accessories": None,
        "addition_links": {link: {"absolute": False, "href": f"{at}/additions/{link}"} for link in links},
    }  # fmt: skip
    if call.asks("with_tag", True):
        fields["tags"] = [shown_tag(call, repository["name"], tag) for tag in content.tags_of(db, artifact["id"])] or None
    report = db.one("SELECT * FROM reports WHERE artifact_id = ?", artifact["id"]) if call.asks("with_scan_overview") else None
    if report:
        fields["scan_overview"] = {MIME: overview(report)}
    return fields


def size(db: Database, artifact: Row) -> int:
    """Return the bytes of an artifact; those of a list are its images' too."""
    blobs = db.number("SELECT SUM(size) FROM artifact_blobs WHERE artifact_id = ?", artifact["id"])
    return blobs + sum(size(db, child) for child in children(db, artifact))


def children(db: Database, artifact: Row) -> list[Row]:
    """Return the artifacts that a list names, as far as they are there."""
    found = [_child(db, artifact, each["digest"]) for each in manifest_of(artifact).children]
    return [child for child in found if child]


def shown_tag(call: Call, repository: str, tag: Row) -> dict[str, Any]:
    """Return the form of a tag."""
    names = ("id", "repository_id", "artifact_id", "name", "push_time", "pull_time")
    fixed = call.asks("with_immutable_status") and immutable(call.harbor.db, repository, tag["name"])
    return {name: tag[name] for name in names} | {"immutable": fixed}


@route("GET", PATH, paged=True)
def list_artifacts(call: Call) -> Any:
    """List the artifacts of a repository, the newest first; images that only a list names are left out."""
    call.project("artifact", "list")
    rows = call.harbor.db.all(
        "SELECT a.* FROM artifacts a JOIN repositories r ON r.id = a.repository_id WHERE r.name = ? ORDER BY a.push_time DESC, a.id DESC",
        repository_name(call),
    )
    shown_rows = [row for row in rows if content.tags_of(call.harbor.db, row["id"]) or not removal.referrers(call.harbor.db, row)]
    return [shown(call, row) for row in shown_rows]


@route("POST", PATH, status=201)
def copy_artifact(call: Call) -> None:
    """Copy the artifact `from`, as `project/repository:tag` or `...@digest`, with its tags."""
    project = call.project("artifact", "create")
    if project["registry_id"]:
        raise not_allowed("the operation isn't supported for a proxy project")
    source, at, reference = unquote(call.query.get("from", "")).partition("@")
    if not at:
        source, _, reference = source.rpartition(":")
    if not reference or "/" not in source:
        raise bad_request(f"from is {call.query.get('from')!r}, expected project/repository:tag or project/repository@digest")
    access.require_project(call.harbor, call.caller, source.partition("/")[0], "artifact", "read", by_name=True)
    artifact = content.require_artifact(call.harbor.db, source, reference)
    copying.copy(call.harbor, project, source, artifact, repository_name(call))
    call.created(reference)


@route("GET", ONE)
def get_artifact(call: Call) -> Any:
    """Show an artifact."""
    call.project("artifact", "read")
    return shown(call, content.require_artifact(call.harbor.db, repository_name(call), call.path["reference"]))


@route("DELETE", ONE)
def delete_artifact(call: Call) -> None:
    """Delete an artifact with its tags, at the registry too."""
    call.project("artifact", "delete")
    artifact = content.require_artifact(call.harbor.db, repository_name(call), call.path["reference"])
    removal.remove(call.harbor, repository_name(call), artifact)


def _reference(db: Database, parent: Row, listed: dict[str, Any]) -> dict[str, Any]:
    child = _child(db, parent, listed["digest"])
    return {
        "parent_id": parent["id"], "child_id": child["id"] if child else 0, "child_digest": listed["digest"],
        "platform": listed.get("platform"), "annotations": listed.get("annotations"), "urls": listed.get("urls"),
    }  # fmt: skip


def _child(db: Database, parent: Row, digest: str) -> Row | None:
    return db.one("SELECT * FROM artifacts WHERE repository_id = ? AND digest = ?", parent["repository_id"], digest)
