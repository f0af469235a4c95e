"""SQLite as the stand-ins use it: one file, one connection for all threads."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Row = sqlite3.Row
# NORMAL: a killed process loses nothing, only a power cut could. https://sqlite.org/pragma.html#pragma_synchronous
PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"


def encode(value: Any) -> str:
    """Return `value` as the JSON text that a column holds."""
    return json.dumps(value)


class Database:
    """SQLite behind one lock: statements are short, and a second writer would only wait for the first anyway."""

    def __init__(self, path: Path, schema: str) -> None:
        """Open the file `path`, made if missing, readable by its owner alone; `schema`: statements that may run again at each start."""
        path.touch(mode=0o600)
        self._lock = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = Row
        self._connection.executescript(PRAGMAS + schema)

    def all(self, sql: str, *values: Any) -> list[Row]:
        """Return every row of the query `sql` with `values` for its placeholders."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> Row | None:
        """Return the first row of the query, or None."""
        return next(iter(self.all(sql, *values)), None)

    def number(self, sql: str, *values: Any) -> int:
        """Return the one number that the query yields; 0 where it yields none."""
        row = self.one(sql, *values)
        return int(row[0] or 0) if row else 0

    def find(self, table: str, id: int) -> Row | None:
        """Return the row `id` of `table`, or None."""
        return self.one(f"SELECT * FROM {table} WHERE id = ?", id)

    def get(self, table: str, id: int) -> Row:
        """Return the row `id` of `table`; raises LookupError if it is gone."""
        row = self.find(table, id)
        if row is None:
            raise LookupError(f"{table} has no row {id}")
        return row

    def script(self, statements: str) -> None:
        """Run several statements, as those of a schema."""
        with self._lock:
            self._connection.executescript(statements)

    def execute(self, sql: str, *values: Any) -> int:
        """Run one statement and return how many rows it changed."""
        with self._lock:
            return self._connection.execute(sql, values).rowcount

    def insert(self, table: str, **values: Any) -> int:
        """Insert one row and return its id; raises sqlite3.IntegrityError where a unique column clashes."""
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        with self._lock:
            return self._connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values())).lastrowid or 0

    def update(self, table: str, id: int, **values: Any) -> int:
        """Change the named columns of the row `id` and return whether it is there, as 1 or 0."""
        if not values:
            return int(self.find(table, id) is not None)
        return self.execute(f"UPDATE {table} SET {', '.join(f'{name} = ?' for name in values)} WHERE id = ?", *values.values(), id)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make the statements inside all or nothing, also when the process is killed. Within another one, it is part of that."""
        with self._lock:
            if self._depth == 0:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()
