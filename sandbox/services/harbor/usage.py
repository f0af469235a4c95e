"""How much storage is used: each blob counts once in a project."""

from sandbox.services.harbor.errors import denied
from sandbox.services.harbor.store import Database, Row

BLOBS = """SELECT DISTINCT b.digest, b.size FROM artifact_blobs b JOIN artifacts a ON a.id = b.artifact_id
    JOIN repositories r ON r.id = a.repository_id"""
UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
Blobs = dict[str, int]
"""Digest to bytes."""


def used(db: Database, project_id: int) -> int:
    """Return the bytes that the artifacts of a project need."""
    return db.number(f"SELECT SUM(size) FROM ({BLOBS} WHERE r.project_id = ?)", project_id)


def total(db: Database) -> int:
    """Return the bytes that all artifacts need, each blob once."""
    return db.number(f"SELECT SUM(size) FROM ({BLOBS})")


def check(db: Database, project: Row, blobs: Blobs) -> None:
    """Raise ApiError 403 if `project` may not grow by those of `blobs` that it lacks."""
    if project["hard"] < 0:
        return
    there = {row["digest"] for row in db.all(f"{BLOBS} WHERE r.project_id = ?", project["id"])}
    more, now = sum(size for digest, size in blobs.items() if digest not in there), used(db, project["id"])
    if more and now + more > project["hard"]:
        raise denied(
            f"adding {readable(more)} of storage resource, which when updated to current usage of {readable(now)} will exceed the "
            f"configured upper limit of {readable(project['hard'])}."
        )


def readable(size: float) -> str:
    """Return a number of bytes as people write it."""
    unit = 0
    while size >= 1024 and unit < len(UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.1f} {UNITS[unit]}"
