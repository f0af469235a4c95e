"""Members of projects and groups: https://docs.gitlab.com/api/members/."""

from typing import Any

from sandbox.services.gitlab import entities
from sandbox.services.gitlab.access import ROLES, ancestors, sources
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import conflict, not_found
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.sources import EITHER, Source, find_source
from sandbox.services.gitlab.store import Row, now

MEMBERS = f"{EITHER}/members"
LEVELS = tuple(level for level in ROLES if 10 <= level <= 50)
SELECT = "SELECT u.*, m.access_level, m.expires_at, m.created_at AS since FROM members m JOIN users u ON u.id = m.user_id"


@route("GET", MEMBERS, paged=True)
def list_members(call: Call) -> Any:
    """Direct members."""
    return [_shown(call, row) for row in _direct(call, find_source(call, level=0).key)]


@route("GET", f"{MEMBERS}/all", paged=True)
def list_all_members(call: Call) -> Any:
    """Members, inherited ones too, each once with their highest level."""
    best = _all(call, find_source(call, level=0))
    return [_shown(call, best[id]) for id in sorted(best)]


@route("GET", f"{MEMBERS}/{{user_id}}")
def get_member(call: Call) -> Any:
    """One direct member."""
    return _shown(call, _find(call, find_source(call, level=0)))


@route("GET", f"{MEMBERS}/all/{{user_id}}")
def get_any_member(call: Call) -> Any:
    """One member, inherited ones too."""
    row = _all(call, find_source(call, level=0)).get(call.number("user_id"))
    if row is None:
        raise not_found("Member")
    return _shown(call, row)


@route("POST", MEMBERS, status=201)
def add_member(call: Call) -> Any:
    """Make the user `user_id` a member."""
    source = find_source(call)
    call.require("user_id", "access_level")
    user_id, level = call.integer("user_id"), call.choice("access_level", LEVELS, None)
    with call.gitlab.db.transaction():
        if call.gitlab.db.one("SELECT id FROM users WHERE id = ?", user_id) is None:
            raise not_found("User")
        if any(row["id"] == user_id for row in _direct(call, source.key)):
            raise conflict("Member already exists")
        values = {"user_id": user_id, "access_level": level, "expires_at": call.params.get("expires_at"), "created_at": now()}
        call.gitlab.db.insert("members", source_type=source.type, source_id=source.id, **values)
    return _shown(call, next(row for row in _direct(call, source.key) if row["id"] == user_id))


@route("PUT", f"{MEMBERS}/{{user_id}}")
def update_member(call: Call) -> Any:
    """Change a member's level."""
    source = find_source(call)
    row = _find(call, source)
    call.require("access_level")
    level, expires_at = call.choice("access_level", LEVELS, None), call.params.get("expires_at", row["expires_at"])
    where = "source_type = ? AND source_id = ? AND user_id = ?"
    call.gitlab.db.execute(f"UPDATE members SET access_level = ?, expires_at = ? WHERE {where}", level, expires_at, *source.key, row["id"])
    return _shown(call, _find(call, source))


@route("DELETE", f"{MEMBERS}/{{user_id}}", status=204)
def remove_member(call: Call) -> None:
    """Remove a member."""
    source = find_source(call)
    row = _find(call, source)
    call.gitlab.db.execute("DELETE FROM members WHERE source_type = ? AND source_id = ? AND user_id = ?", *source.key, row["id"])


def _direct(call: Call, key: tuple[str, int]) -> list[Row]:
    return call.gitlab.db.all(f"{SELECT} WHERE m.source_type = ? AND m.source_id = ? ORDER BY u.id", *key)


def _all(call: Call, source: Source) -> dict[int, Row]:
    places = sources(call.gitlab, source.row) if source.type == "Project" else [("Group", id) for id in ancestors(call.gitlab, source.id)]
    rows = [row for place in places for row in _direct(call, place)]
    return {row["id"]: row for row in sorted(rows, key=lambda row: row["access_level"])}


def _find(call: Call, source: Source) -> Row:
    user_id = call.number("user_id")
    row = next((row for row in _direct(call, source.key) if row["id"] == user_id), None)
    if row is None:
        raise not_found("Member")
    return row


def _shown(call: Call, row: Row) -> dict[str, Any]:
    membership = {"access_level": row["access_level"], "created_at": row["since"], "expires_at": row["expires_at"]}
    return entities.user(call.gitlab, row) | membership | {"membership_state": "active"}
