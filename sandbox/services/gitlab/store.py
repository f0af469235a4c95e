"""The data that is not Git: one SQLite file, shared by all threads through one connection."""

from datetime import UTC, datetime
from pathlib import Path

from sandbox.services import database
from sandbox.services.database import Row, encode
from sandbox.services.gitlab import schema, schema_ci, schema_deletion, schema_hooks, schema_merge_requests, schema_protection, schema_users

__all__ = ["Database", "Row", "encode", "now"]

# One entry an area. What a project owns refers to it with ON DELETE CASCADE.
SCHEMAS = (
    schema.SCHEMA,
    schema_hooks.SCHEMA,
    schema_ci.SCHEMA,
    schema_deletion.SCHEMA,
    schema_merge_requests.SCHEMA,
    schema_protection.SCHEMA,
    schema_users.SCHEMA,
)


def now() -> str:
    """Return the present time in the form that GitLab's API uses (UTC, milliseconds)."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Database(database.Database):
    """GitLab's database in the file `path`."""

    def __init__(self, path: Path) -> None:
        triggers = [schema.TRIGGER.format(table=table, type=type) for table, type in (("projects", "Project"), ("namespaces", "Group"))]
        super().__init__(path, "".join([*SCHEMAS, *triggers]))
        if "group_id" not in [row["name"] for row in self.all("PRAGMA table_info(hooks)")]:
            self.script(schema_hooks.WIDEN)
