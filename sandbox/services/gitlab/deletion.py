"""Deletion now or later: https://docs.gitlab.com/user/project/working_with_projects/#delete-a-project.

What is marked for deletion is renamed, which frees its path, and can be restored until its days are over.
"""

import json
import secrets
import shutil
from datetime import UTC, date, datetime, timedelta

from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.paths import TABLES, above, relocate, taken
from sandbox.services.gitlab.store import Row, encode

BELOW = """WITH RECURSIVE below(id) AS (SELECT ? UNION SELECT n.id FROM namespaces n JOIN below ON n.parent_id = below.id)"""


def marked_on(gitlab: Instance, type: str, id: int) -> str | None:
    """Return the day (YYYY-MM-DD) on which the project or group was marked for deletion, or None. `type` is Project or Group."""
    row = gitlab.db.one("SELECT marked_on FROM deletions WHERE source_type = ? AND source_id = ?", type, id)
    return row["marked_on"] if row else None


def mark(gitlab: Instance, type: str, row: Row) -> None:
    """Schedule the deletion of a project or group, and free its path."""
    suffix = f"-deletion_scheduled-{row['id']}"
    today = datetime.now(UTC).date().isoformat()
    with gitlab.db.transaction():
        gitlab.db.execute("INSERT INTO deletions VALUES (?, ?, ?, ?, ?)", type, row["id"], today, row["name"], row["path"])
        relocate(gitlab, type, row, row["name"] + suffix, row["path"] + suffix, above(row))
        _archive(gitlab, type, row, True)


def restore(gitlab: Instance, type: str, row: Row) -> None:
    """Undo `mark`. Where something else has the path by now, this one gets a few random characters more, as GitLab does."""
    with gitlab.db.transaction():
        before = gitlab.db.one("SELECT * FROM deletions WHERE source_type = ? AND source_id = ?", type, row["id"])
        assert before
        place = above(row)
        free = not taken(gitlab, f"{place}/{before['path']}".lstrip("/"))
        suffix = "" if free else f"-{secrets.token_hex(3)}"
        relocate(gitlab, type, row, before["name"] + suffix, before["path"] + suffix, place)
        _archive(gitlab, type, row, False)
        gitlab.db.execute("DELETE FROM deletions WHERE source_type = ? AND source_id = ?", type, row["id"])


def remove(gitlab: Instance, type: str, row: Row) -> None:
    """Delete a project or group, with all below it, for good."""
    where = "id = ?" if type == "Project" else "namespace_id IN (SELECT id FROM below)"
    projects = gitlab.db.all(f"{BELOW} SELECT storage FROM projects WHERE {where}", *[row["id"]] * (1 + where.count("?")))
    gitlab.db.execute(f"DELETE FROM {TABLES[type]} WHERE id = ?", row["id"])
    for project in projects:
        shutil.rmtree(gitlab.repositories / project["storage"], ignore_errors=True)


def remove_due(gitlab: Instance) -> None:
    """Delete what has been marked for so long that its days are over."""
    for due in gitlab.db.all("SELECT * FROM deletions"):
        row = gitlab.db.one(f"SELECT * FROM {TABLES[due['source_type']]} WHERE id = ?", due["source_id"])
        over = date.fromisoformat(due["marked_on"]) + timedelta(days=gitlab.deletion_days)
        if row and over <= datetime.now(UTC).date():
            remove(gitlab, due["source_type"], row)


def _archive(gitlab: Instance, type: str, row: Row, archived: bool) -> None:
    if type == "Project":
        gitlab.db.update("projects", row["id"], attributes=encode(json.loads(row["attributes"]) | {"archived": archived}))
