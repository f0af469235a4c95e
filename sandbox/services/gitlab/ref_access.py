"""The entries of a protected branch or tag: a role, a user, a group or a deploy key for each verb."""

from typing import Any

from sandbox.services.gitlab.access import ADMIN, DEVELOPER, MAINTAINER, NONE, ROLES, group_level
from sandbox.services.gitlab.auth import Caller
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import ApiError, bad_request
from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.store import Row

LEVELS = (DEVELOPER, MAINTAINER, ADMIN, NONE)
WHO = {"user_id": "users", "group_id": "namespaces", "deploy_key_id": "deploy_keys"}


def granted(gitlab: Instance, caller: Caller | None, level: int, entry: Row) -> bool:
    """Tell whether `entry` is for `caller`, who has the access `level` in the project. A deploy key is nobody here: there is no SSH."""
    if entry["user_id"] is not None:
        return caller is not None and caller.id == entry["user_id"]
    if entry["group_id"] is not None:
        return group_level(gitlab, caller, entry["group_id"]) >= DEVELOPER
    return entry["access_level"] is not None and allowed(level, entry["access_level"])


def allowed(level: int, needed: int) -> bool:
    """Tell whether a role is enough; nobody's is where NONE is asked for."""
    return needed != NONE and level >= min(needed, ADMIN)


def entries(gitlab: Instance, owner: str, id: int, verb: str) -> list[Row]:
    """Return the entries for `verb`; `owner` is branch_id or tag_id."""
    return gitlab.db.all(f"SELECT * FROM ref_access WHERE {owner} = ? AND verb = ? ORDER BY id", id, verb)


def shown(gitlab: Instance, owner: str, id: int, verb: str) -> list[dict[str, Any]]:
    """Return the entries for `verb` in the form of the API."""
    return [_shown(gitlab, entry) for entry in entries(gitlab, owner, id, verb)]


def change(call: Call, project: Row, owner: str, id: int, verb: str) -> None:
    """Add, replace and remove entries as `allowed_to_<verb>`, or else `<verb>_access_level`, says. Call inside a transaction.

    Raises ApiError 400 or 422 for what cannot be an entry.
    """
    level, given = call.choice(f"{verb}_access_level", LEVELS, None), call.params.get(f"allowed_to_{verb}", [])
    if not isinstance(given, list) or not all(isinstance(entry, dict) for entry in given):
        raise ApiError(400, {"error": f"allowed_to_{verb} is invalid"})
    before = entries(call.gitlab, owner, id, verb)
    if level is not None or (given and not any("id" in entry for entry in given) and call.path.get("name") is None):
        call.gitlab.db.execute(f"DELETE FROM ref_access WHERE {owner} = ? AND verb = ?", id, verb)
    if level is not None:
        call.gitlab.db.insert("ref_access", **{owner: id}, verb=verb, access_level=level)
    for entry in given:
        if "id" in entry and entry["id"] not in [row["id"] for row in before]:
            raise ApiError(404, {"message": "404 Not found"})
        if "id" in entry:
            call.gitlab.db.execute("DELETE FROM ref_access WHERE id = ?", entry["id"])
        if entry.get("_destroy") not in (True, "true", 1, "1"):
            call.gitlab.db.insert("ref_access", **{owner: id}, verb=verb, **_entry(call, project, verb, entry))


def _entry(call: Call, project: Row, verb: str, given: dict[str, Any]) -> dict[str, int]:
    named = [name for name in (*WHO, "access_level") if given.get(name) is not None]
    if len(named) != 1 or isinstance(given[named[0]], bool) or not str(given[named[0]]).isdecimal() or len(str(given[named[0]])) > 18:
        raise bad_request(f"allowed_to_{verb}: each entry has one of {', '.join(WHO)} and access_level, a number")
    name, value = named[0], int(given[named[0]])
    if name == "access_level":
        if value not in LEVELS:
            raise ApiError(422, {"message": ["Access levels access level is not included in the list"]})
    elif call.gitlab.db.one(f"SELECT id FROM {WHO[name]} WHERE id = ?", value) is None:
        raise ApiError(422, {"message": [f"{verb.capitalize()} access levels {name.removesuffix('_id').replace('_', ' ')} must exist"]})
    elif name == "deploy_key_id" and not _pushes(call.gitlab, project, value):
        raise ApiError(422, {"message": ["Push access levels deploy key is not enabled for this project"]})
    return {name: value}


def _pushes(gitlab: Instance, project: Row, key_id: int) -> bool:
    sql = "SELECT can_push FROM deploy_keys_projects WHERE project_id = ? AND key_id = ? AND can_push"
    return gitlab.db.one(sql, project["id"], key_id) is not None


def _shown(gitlab: Instance, entry: Row) -> dict[str, Any]:
    names = {"user_id": "name", "group_id": "name", "deploy_key_id": "title"}
    found = [gitlab.db.get(WHO[who], entry[who])[title] for who, title in names.items() if entry[who] is not None]
    level = MAINTAINER if found else entry["access_level"]
    description = found[0] if found else ROLES[level]
    return {"id": entry["id"], "access_level": level, "access_level_description": description} | {who: entry[who] for who in WHO}
