"""What survives the controller: items, builds and the queue in one SQLite file; logs and artifacts in a folder for each build."""

import json
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.services.database import Database, Row, encode
from sandbox.services.jenkins.codec import decode_item, encode_item
from sandbox.services.jenkins.model import ABORTED, SUCCESS, UNSTABLE, Item

# `declared` holds the credentials of folders: the file is for the controller alone, as JENKINS_HOME/secrets is.
SCHEMA = """
CREATE TABLE IF NOT EXISTS items (
    path TEXT PRIMARY KEY, kind TEXT NOT NULL, next_number INTEGER NOT NULL DEFAULT 1, declared TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS builds (
    id INTEGER PRIMARY KEY AUTOINCREMENT, job TEXT NOT NULL, number INTEGER NOT NULL, queue_id INTEGER NOT NULL, started INTEGER NOT NULL,
    duration INTEGER NOT NULL DEFAULT 0, result TEXT, display_name TEXT NOT NULL DEFAULT '', description TEXT NOT NULL DEFAULT '',
    parameters TEXT NOT NULL, environment TEXT NOT NULL, causes TEXT NOT NULL, UNIQUE (job, number)
);
CREATE TABLE IF NOT EXISTS queue (
    id INTEGER PRIMARY KEY AUTOINCREMENT, job TEXT NOT NULL, identity TEXT NOT NULL, since INTEGER NOT NULL, state TEXT NOT NULL,
    parameters TEXT NOT NULL, environment TEXT NOT NULL, causes TEXT NOT NULL, number INTEGER NOT NULL DEFAULT 0, result TEXT
);
CREATE INDEX IF NOT EXISTS queue_state ON queue (state);
CREATE TABLE IF NOT EXISTS tokens (
    id INTEGER PRIMARY KEY, user TEXT NOT NULL, uuid TEXT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL UNIQUE
);
"""
WAITING, LEFT, CANCELLED = "waiting", "left", "cancelled"
LOG = "log"
"""Name of a build's console log in its folder."""
DAY = 86_400_000  # milliseconds


def now() -> int:
    """Return the present time as Jenkins counts it: milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Store:
    """The data below `home`, which is made if missing."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home = home
        self.db = Database(home / "jenkins.sqlite", SCHEMA)

    # Items

    def items(self) -> dict[str, Item]:
        """Return all items by their paths, in alphabetical order."""
        rows = self.db.all("SELECT * FROM items ORDER BY path")
        return {row["path"]: decode_item(row["declared"]) for row in rows}

    def save(self, item: Item) -> None:
        """Add or change an item; its builds stay."""
        sql = "INSERT INTO items (path, kind, declared) VALUES (?, ?, ?) ON CONFLICT (path) DO UPDATE SET kind = ?2, declared = ?3"
        self.db.execute(sql, item.path, item.kind, encode_item(item))

    def forget(self, path: str) -> None:
        """Remove the rows of an item, and of what is below it: builds and waiting queue items too. Files are left to `clear`."""
        for table, column in (("items", "path"), ("builds", "job"), ("queue", "job")):
            self.db.execute(f"DELETE FROM {table} WHERE {column} = ? OR substr({column}, 1, ?) = ?", path, len(path) + 1, path + "/")

    def clear(self, path: str) -> None:
        """Remove the files of an item."""
        shutil.rmtree(self.item_folder(path), ignore_errors=True)

    def next_number(self, path: str) -> int:
        """Return the number that the next build of a job will have."""
        row = self.db.one("SELECT next_number FROM items WHERE path = ?", path)
        return int(row["next_number"]) if row else 1

    def item_folder(self, path: str) -> Path:
        """Return where an item's files are, as in JENKINS_HOME."""
        return self.home.joinpath(*(part for name in path.split("/") for part in ("jobs", name)))

    # Builds

    def folder(self, job: str, number: int) -> Path:
        """Return a build's own folder."""
        return self.item_folder(job) / "builds" / str(number)

    def build(self, job: str, number: int) -> Row | None:
        """Return a build, or None."""
        return self.db.one("SELECT * FROM builds WHERE job = ? AND number = ?", job, number)

    def builds(self, job: str, limit: int = -1) -> list[Row]:
        """Return the builds of a job, newest first."""
        return self.db.all("SELECT * FROM builds WHERE job = ? ORDER BY number DESC LIMIT ?", job, limit)

    def newest(self, job: str, *results: str | None) -> Row | None:
        """Return the newest build with one of these results (None: it runs); of all without any."""
        if not results:
            return next(iter(self.builds(job, 1)), None)
        return next((row for row in self.builds(job) if row["result"] in results), None)

    def running(self) -> list[Row]:
        """Return the builds that have no result yet."""
        return self.db.all("SELECT * FROM builds WHERE result IS NULL ORDER BY id")

    def start(self, queued: Row) -> Row:
        """Make the build of a waiting queue item and return it."""
        job = queued["job"]
        with self.db.transaction():
            number = self.next_number(job)
            self.db.execute("UPDATE items SET next_number = ? WHERE path = ?", number + 1, job)
            id = self.db.insert(
                "builds", job=job, number=number, queue_id=queued["id"], started=now(), parameters=queued["parameters"],
                environment=queued["environment"], causes=queued["causes"],
            )  # fmt: skip
            self.db.update("queue", queued["id"], state=LEFT, number=number)
        shutil.rmtree(self.folder(job, number), ignore_errors=True)
        self.folder(job, number).mkdir(parents=True)
        (self.folder(job, number) / LOG).touch()
        row = self.db.one("SELECT * FROM builds WHERE id = ?", id)
        assert row is not None
        return row

    def finish(self, row: Row, result: str) -> None:
        """Write down how a build ended."""
        with self.db.transaction():
            self.db.update("builds", row["id"], result=result, duration=max(now() - row["started"], 1))
            self.db.update("queue", row["queue_id"], result=result)
            self.db.execute("DELETE FROM queue WHERE result IS NOT NULL AND since < ?", now() - DAY)

    def delete_build(self, row: Row) -> None:
        """Remove a build with its folder."""
        self.db.execute("DELETE FROM builds WHERE id = ?", row["id"])
        shutil.rmtree(self.folder(row["job"], row["number"]), ignore_errors=True)

    def discard_old(self, job: str, keep: int) -> None:
        """Remove the builds beyond the newest `keep`; as in Jenkins the last stable and the last successful one stay, and what runs."""
        kept = {row["id"] for row in (self.newest(job, SUCCESS), self.newest(job, SUCCESS, UNSTABLE)) if row}
        for row in self.builds(job)[keep:]:
            if row["id"] not in kept and row["result"] is not None:
                self.delete_build(row)

    # Queue

    def enqueue(self, job: str, identity: str, parameters: Mapping[str, Any], environment: Mapping[str, str], cause: Any) -> int:
        """Add a waiting queue item and return its id."""
        texts = {"parameters": encode(dict(parameters)), "environment": encode(dict(environment)), "causes": encode([cause])}
        return self.db.insert("queue", job=job, identity=identity, since=now(), state=WAITING, **texts)

    def waiting(self) -> list[Row]:
        """Return the waiting queue items, the longest waiting first."""
        return self.db.all("SELECT * FROM queue WHERE state = ? ORDER BY id", WAITING)

    def queued(self, id: int) -> Row | None:
        """Return a queue item, also one that has left the queue some time ago."""
        return self.db.one("SELECT * FROM queue WHERE id = ?", id) if 0 < id < 2**63 else None

    def add_cause(self, row: Row, cause: Any) -> None:
        """Add one more cause to a waiting queue item, unless it has the same."""
        causes = json.loads(row["causes"])
        if cause not in causes:
            self.db.update("queue", row["id"], causes=encode([*causes, cause]))

    def cancel(self, id: int) -> bool:
        """Take a waiting item out of the queue; tells whether it was waiting."""
        sql = "UPDATE queue SET state = ?, result = ? WHERE id = ? AND state = ?"
        return self.db.execute(sql, CANCELLED, ABORTED, id, WAITING) > 0
