"""The data that is not Git: one SQLite file, shared by all threads through one connection."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Row = sqlite3.Row

# AUTOINCREMENT everywhere: GitLab never gives an id out twice, and clients keep ids in their state.
SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT UNIQUE COLLATE NOCASE NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL,
    admin INTEGER NOT NULL DEFAULT 0, bot INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS namespaces (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, parent_id INTEGER REFERENCES namespaces ON DELETE CASCADE,
    owner_id INTEGER REFERENCES users ON DELETE CASCADE, name TEXT NOT NULL, path TEXT NOT NULL,
    full_path TEXT UNIQUE COLLATE NOCASE NOT NULL, visibility TEXT NOT NULL, attributes TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS projects (
    id INTEGER PRIMARY KEY AUTOINCREMENT, namespace_id INTEGER NOT NULL REFERENCES namespaces ON DELETE CASCADE,
    creator_id INTEGER NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL, full_path TEXT UNIQUE COLLATE NOCASE NOT NULL,
    visibility TEXT NOT NULL, default_branch TEXT NOT NULL, storage TEXT UNIQUE NOT NULL, attributes TEXT NOT NULL,
    created_at TEXT NOT NULL, last_activity_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS members (
    source_type TEXT NOT NULL, source_id INTEGER NOT NULL, user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    access_level INTEGER NOT NULL, expires_at TEXT, created_at TEXT NOT NULL, PRIMARY KEY (source_type, source_id, user_id));
CREATE TABLE IF NOT EXISTS access_tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE, source_type TEXT, source_id INTEGER,
    name TEXT NOT NULL, description TEXT, digest TEXT UNIQUE NOT NULL, scopes TEXT NOT NULL, access_level INTEGER,
    revoked INTEGER NOT NULL DEFAULT 0, expires_at TEXT, created_at TEXT NOT NULL, last_used_at TEXT);
CREATE TABLE IF NOT EXISTS deploy_tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT, source_type TEXT NOT NULL, source_id INTEGER NOT NULL, name TEXT NOT NULL,
    username TEXT NOT NULL, digest TEXT UNIQUE NOT NULL, scopes TEXT NOT NULL, expires_at TEXT, revoked INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS protected_branches (
    id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE, name TEXT NOT NULL,
    push_level INTEGER NOT NULL, merge_level INTEGER NOT NULL, unprotect_level INTEGER, allow_force_push INTEGER NOT NULL,
    code_owner_approval_required INTEGER NOT NULL, UNIQUE (project_id, name));
CREATE TABLE IF NOT EXISTS hooks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE, uuid TEXT NOT NULL,
    url TEXT NOT NULL, token TEXT, attributes TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, hook_id INTEGER NOT NULL REFERENCES hooks ON DELETE CASCADE, event TEXT NOT NULL,
    headers TEXT NOT NULL, payload TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due_at REAL,
    status TEXT, response_headers TEXT, response_body TEXT, duration REAL, created_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS variables (
    source_type TEXT NOT NULL, source_id INTEGER NOT NULL, key TEXT NOT NULL, environment_scope TEXT NOT NULL, attributes TEXT NOT NULL,
    PRIMARY KEY (source_type, source_id, key, environment_scope));
"""

# What belongs to either a project or a group goes with it; a token's bot user takes its tokens and memberships along.
TRIGGER = """
CREATE TRIGGER IF NOT EXISTS {table}_deleted AFTER DELETE ON {table} BEGIN
    DELETE FROM users WHERE bot AND id IN (SELECT user_id FROM access_tokens WHERE source_type = '{type}' AND source_id = OLD.id);
    DELETE FROM members WHERE source_type = '{type}' AND source_id = OLD.id;
    DELETE FROM deploy_tokens WHERE source_type = '{type}' AND source_id = OLD.id;
    DELETE FROM variables WHERE source_type = '{type}' AND source_id = OLD.id;
END;
"""
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
        triggers = [TRIGGER.format(table=table, type=type) for table, type in (("projects", "Project"), ("namespaces", "Group"))]
        self._connection.executescript(PRAGMAS + SCHEMA + "".join(triggers))

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
