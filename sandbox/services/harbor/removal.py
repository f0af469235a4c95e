"""Deleting artifacts and repositories."""

import json

from sandbox.services.harbor.content import find_artifact, tags_of
from sandbox.services.harbor.errors import precondition
from sandbox.services.harbor.immutable import immutable
from sandbox.services.harbor.instance import Harbor
from sandbox.services.harbor.pending import settle
from sandbox.services.harbor.store import Database, Row


def remove(harbor: Harbor, repository: str, artifact: Row) -> None:
    """Delete an artifact with its tags, here and at the registry.

    Raises ApiError 412 if a tag is immutable, or a list of manifests refers to it.
    """
    db = harbor.db
    with db.transaction():
        for tag in tags_of(db, artifact["id"]):
            if immutable(db, repository, tag["name"]):
                raise precondition(f"the tag {tag['name']} configured as immutable, cannot be deleted")
        if referrers(db, artifact):
            raise precondition("the deleting artifact is referenced by others")
        _forget(db, repository, artifact)
    settle(harbor)


def remove_repository(harbor: Harbor, repository: Row) -> None:
    """Delete a repository with all it holds, here and at the registry. Raises ApiError 412 if a tag is immutable."""
    db = harbor.db
    with db.transaction():
        for tag in db.all("SELECT name FROM tags WHERE repository_id = ?", repository["id"]):
            if immutable(db, repository["name"], tag["name"]):
                raise precondition(f"the tag {tag['name']} configured as immutable, cannot be deleted")
        for artifact in db.all("SELECT digest FROM artifacts WHERE repository_id = ?", repository["id"]):
            db.insert("pending", kind="delete", repository=repository["name"], digest=artifact["digest"])
        db.execute("DELETE FROM repositories WHERE id = ?", repository["id"])
    settle(harbor)


def referrers(db: Database, artifact: Row) -> list[Row]:
    """Return the lists of manifests in the same repository that name `artifact`."""
    others = db.all("SELECT * FROM artifacts WHERE repository_id = ? AND id != ?", artifact["repository_id"], artifact["id"])
    return [other for other in others if artifact["digest"] in _children(other)]


def _children(artifact: Row) -> list[str]:
    listed = json.loads(artifact["body"]).get("manifests") or []
    return [each["digest"] for each in listed]


def _forget(db: Database, repository: str, artifact: Row) -> None:
    """Delete the rows of an artifact, and then of its children that have neither a tag nor another parent."""
    db.execute("DELETE FROM artifacts WHERE id = ?", artifact["id"])
    db.insert("pending", kind="delete", repository=repository, digest=artifact["digest"])
    for digest in _children(artifact):
        child = find_artifact(db, repository, digest)
        if child and not tags_of(db, child["id"]) and not referrers(db, child):
            _forget(db, repository, child)
