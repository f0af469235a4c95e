"""The data that is not Git: one SQLite file, shared by all threads through one connection."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.services.gitlab import schema, schema_ci, schema_deletion, schema_hooks, schema_merge_requests, schema_protection, schema_users

Row = sqlite3.Row

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
# NORMAL: a killed process loses nothing, only a power cut could. https://sqlite.org/pragma.html#pragma_synchronous
PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"


def now() -> str:
    """Return the present time in the form that GitLab's API uses (UTC, milliseconds)."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def encode(value: Any) -> str:
    """Return `value` as the JSON text that a column holds."""
    return json.dumps(value)


class Database:
    """SQLite behind one lock: statements are short, and a second writer would only wait for the first anyway."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = Row
        triggers = [schema.TRIGGER.format(table=table, type=type) for table, type in (("projects", "Project"), ("namespaces", "Group"))]
        self._connection.executescript(PRAGMAS + "".join([*SCHEMAS, *triggers]))
        if "group_id" not in [row["name"] for row in self.all("PRAGMA table_info(hooks)")]:
            self._connection.executescript(schema_hooks.WIDEN)

    def all(self, sql: str, *values: Any) -> list[Row]:
        """Return every row of the query `sql` with `values` for its placeholders."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> Row | None:
        """Return the first row of the query, or None."""
        return next(iter(self.all(sql, *values)), None)

    def get(self, table: str, id: int) -> Row:
        """Return the row `id` of `table`; raises LookupError if it is gone."""
        row = self.one(f"SELECT * FROM {table} WHERE id = ?", id)
        if row is None:
            raise LookupError(f"{table} has no row {id}")
        return row

    def execute(self, sql: str, *values: Any) -> int:
        """Run one statement and return how many rows it changed."""
        with self._lock:
            return self._connection.execute(sql, values).rowcount

    def insert(self, table: str, **values: Any) -> int:
        """Insert one row and return its id; raises sqlite3.IntegrityError where a unique column clashes."""
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        with self._lock:
            cursor = self._connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))
            return cursor.lastrowid or 0

    def update(self, table: str, id: int, **values: Any) -> None:
        """Change the named columns of the row `id`."""
        if values:
            self.execute(f"UPDATE {table} SET {', '.join(f'{name} = ?' for name in values)} WHERE id = ?", *values.values(), id)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make the statements inside all or nothing, also when the process is killed. Not to be nested."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()
