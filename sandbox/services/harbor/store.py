"""The database."""

from datetime import UTC, datetime
from pathlib import Path

from sandbox.services import database
from sandbox.services.database import Row, encode
from sandbox.services.harbor import schema

__all__ = ["NEVER", "Database", "Row", "encode", "moment", "now"]

NEVER = "0001-01-01T00:00:00.000Z"
"""Harbor's time of what has not happened yet."""


def now() -> str:
    """Return the present time as Harbor writes it (UTC, milliseconds)."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """Return the time that `now` wrote."""
    return datetime.fromisoformat(text)


class Database(database.Database):
    """Harbor's database in the file `path`."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, schema.ALL)
