"""Repositories, artifacts and tags: what the database says of the registry's content."""

from typing import Any

from sandbox.services.harbor.errors import not_found, precondition
from sandbox.services.harbor.immutable import immutable
from sandbox.services.harbor.instance import Harbor
from sandbox.services.harbor.manifest import Manifest
from sandbox.services.harbor.store import NEVER, Database, Row, encode, now


def find_repository(db: Database, name: str) -> Row | None:
    """Return the repository of this full name, or None."""
    return db.one("SELECT * FROM repositories WHERE name = ?", name)


def find_artifact(db: Database, repository: str, reference: str) -> Row | None:
    """Return the artifact of a digest or tag, or None."""
    if ":" in reference:
        return db.one(
            "SELECT a.* FROM artifacts a JOIN repositories r ON r.id = a.repository_id WHERE r.name = ? AND a.digest = ?",
            repository, reference,
        )  # fmt: skip
    return db.one(
        "SELECT a.* FROM artifacts a JOIN tags t ON t.artifact_id = a.id JOIN repositories r ON r.id = a.repository_id "
        "WHERE r.name = ? AND t.name = ?", repository, reference,
    )  # fmt: skip


def require_artifact(db: Database, repository: str, reference: str) -> Row:
    """Return the artifact of a digest or tag; ApiError 404 if it is not there."""
    found = find_artifact(db, repository, reference)
    if found is None:
        raise not_found(f"artifact {repository}{'@' if ':' in reference else ':'}{reference}")
    return found


def tags_of(db: Database, artifact_id: int) -> list[Row]:
    """Return the tags of an artifact."""
    return db.all("SELECT * FROM tags WHERE artifact_id = ? ORDER BY name", artifact_id)


def record(harbor: Harbor, project_id: int, repository: str, manifest: Manifest, attributes: dict[str, Any], tag: str | None) -> int:
    """Note a manifest that the registry holds, and its `tag`, which moves if it was another's; return the artifact's id.

    Safe to repeat. Raises ApiError 412 if the tag is immutable and another's.
    """
    db, time = harbor.db, now()
    with db.transaction():
        db.execute(
            "INSERT INTO repositories(project_id, name, creation_time, update_time) VALUES (?, ?, ?, ?) "
            "ON CONFLICT(name) DO UPDATE SET update_time = excluded.update_time", project_id, repository, time, time,
        )  # fmt: skip
        row = find_repository(db, repository)
        assert row
        found = find_artifact(db, repository, manifest.digest)
        if found is None:
            config_type = manifest.config.get("mediaType", "")
            id = db.insert(
                "artifacts", repository_id=row["id"], digest=manifest.digest, type=manifest.kind, body=manifest.body,
                media_type=config_type or manifest.media_type, manifest_media_type=manifest.media_type, extra_attrs=encode(attributes),
                artifact_type=manifest.content.get("artifactType") or config_type or manifest.media_type, push_time=time, pull_time=NEVER,
            )  # fmt: skip
            for digest, size in manifest.blobs.items():
                db.insert("artifact_blobs", artifact_id=id, digest=digest, size=size)
        else:
            id = found["id"]
        if tag is not None:
            set_tag(db, repository, row["id"], id, tag)
    return id


def set_tag(db: Database, repository: str, repository_id: int, artifact_id: int, name: str) -> None:
    """Set a tag; ApiError 412 if it is immutable and another artifact's. Inside a transaction."""
    there = db.one("SELECT * FROM tags WHERE repository_id = ? AND name = ?", repository_id, name)
    if there is None:
        db.insert("tags", repository_id=repository_id, artifact_id=artifact_id, name=name, push_time=now(), pull_time=NEVER)
    elif there["artifact_id"] != artifact_id:
        if immutable(db, repository, name):
            raise precondition(f"the tag {name} configured as immutable, cannot be updated")
        db.update("tags", there["id"], artifact_id=artifact_id, push_time=now())


def note_pull(harbor: Harbor, repository: str, artifact: Row, tag: str | None) -> None:
    """Note that an artifact was pulled, by `tag` or else by digest."""
    time = now()
    with harbor.db.transaction():
        harbor.db.update("artifacts", artifact["id"], pull_time=time)
        harbor.db.execute("UPDATE repositories SET pull_count = pull_count + 1 WHERE id = ?", artifact["repository_id"])
        if tag is not None:
            harbor.db.execute("UPDATE tags SET pull_time = ? WHERE artifact_id = ? AND name = ?", time, artifact["id"], tag)
