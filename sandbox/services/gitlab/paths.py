"""Where projects and groups are: their full paths, and what a move means for all below."""

from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.store import Row

TABLES = {"Project": "projects", "Group": "namespaces"}


def taken(gitlab: Instance, full_path: str) -> bool:
    """Tell whether a project or a namespace is at `full_path`."""
    return any(gitlab.db.one(f"SELECT id FROM {table} WHERE full_path = ?", full_path) for table in TABLES.values())


def relocate(gitlab: Instance, type: str, row: Row, name: str, path: str, above: str) -> str:
    """Give the project or group `row` a new name and path below the full path `above` ("" at the top); return its new full path.

    `type` is Project or Group. All below a group moves along. Call inside a transaction, once the place is known to be free.
    """
    old, new = row["full_path"], f"{above}/{path}".lstrip("/")
    gitlab.db.update(TABLES[type], row["id"], name=name, path=path, full_path=new)
    if type == "Group":
        for table in TABLES.values():
            gitlab.db.execute(
                f"UPDATE {table} SET full_path = ? || substr(full_path, ?) WHERE substr(full_path, 1, ?) = ?",
                new, len(old) + 1, len(old) + 1, f"{old}/",
            )  # fmt: skip
    return new


def above(row: Row) -> str:
    """Return the full path of what `row` is in; "" at the top."""
    return str(row["full_path"])[: -len(row["path"])].rstrip("/")


def remember(gitlab: Instance, project: Row) -> None:
    """Let the present path of `project` lead to it after a move. Call inside a transaction."""
    gitlab.db.execute("INSERT OR REPLACE INTO former_paths VALUES (?, ?)", project["full_path"], project["id"])


def moved(gitlab: Instance, full_path: str) -> Row | None:
    """Return the project that was at `full_path` once and is elsewhere now, or None."""
    return gitlab.db.one("SELECT p.* FROM projects p JOIN former_paths f ON f.project_id = p.id WHERE f.full_path = ?", full_path)
