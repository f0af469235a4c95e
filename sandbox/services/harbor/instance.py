"""What every part of the service works with: database, registry, signing key, address."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.services.harbor.keys import Signer
from sandbox.services.harbor.registry import Registry
from sandbox.services.harbor.store import Database, Row, encode, now

VERSION = "v2.15.1"
ADMIN = "admin"
NO_ALLOWLIST = encode({"items": [], "expires_at": None})


@dataclass(frozen=True)
class Harbor:
    """One running stand-in. `url` has no slash at its end; `scan` tells the scanner that the artifact of this id is due;
    `advisories` is the scanner's file. `settling` is held while what is pending at the registry is worked off."""

    url: str
    db: Database
    registry: Registry
    signer: Signer
    password: str
    advisories: Path
    scan: Callable[[int], None]
    settling: threading.Lock = field(default_factory=threading.Lock)

    def project_of(self, repository: str) -> Row | None:
        """Return the project of the `repository`, whose name begins with that of the project; None if it is not there."""
        return self.db.one("SELECT * FROM projects WHERE name = ?", repository.partition("/")[0])


def seed(db: Database) -> None:
    """Make what is there at the start of every Harbor: the public project `library`."""
    if not db.one("SELECT 1 FROM sqlite_sequence WHERE name = 'projects'"):
        add_project(db, "library", {"public": "true"}, -1)


def add_project(db: Database, name: str, metadata: dict[str, str], hard: int, registry_id: int | None = None) -> int:
    """Insert a project whose storage may grow to `hard` bytes (-1: without end) and return its id.

    Raises sqlite3.IntegrityError if the name is taken.
    """
    time, data = now(), encode(metadata)
    return db.insert(
        "projects", name=name, registry_id=registry_id, metadata=data, cve_allowlist=NO_ALLOWLIST, hard=hard, creation_time=time,
        update_time=time,
    )  # fmt: skip


def metadata(project: Row) -> dict[str, str]:
    """Return the settings of `project`, all of them text."""
    return dict(json.loads(project["metadata"]))


def public(project: Row) -> bool:
    """Tell whether everybody may pull from `project`."""
    return metadata(project).get("public") == "true"
