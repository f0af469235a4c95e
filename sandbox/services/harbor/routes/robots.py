"""Robots: accounts for programs, each with what it may do where."""

import json
import re
import secrets
import sqlite3
import string
from datetime import timedelta
from typing import Any

from sandbox.services.harbor import access, settings
from sandbox.services.harbor.auth import Caller, digest
from sandbox.services.harbor.call import Call
from sandbox.services.harbor.errors import bad_request, conflict, forbidden, not_found
from sandbox.services.harbor.grants import RIGHTS, check, checked
from sandbox.services.harbor.query import filters
from sandbox.services.harbor.router import route
from sandbox.services.harbor.store import Row, encode, moment, now

NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
LENGTHS = range(8, 129)
FIELDS = {"name": str, "description": str, "level": str, "disable": bool, "duration": int, "permissions": list, "secret": str}


def shown(call: Call, robot: Row) -> dict[str, Any]:
    """Return the form of a robot, never with its secret."""
    return {
        "id": robot["id"], "name": settings.value(call.harbor.db, "robot_name_prefix") + robot["name"], "description": robot["description"],
        "level": _level(robot), "duration": robot["duration"], "editable": True, "disable": bool(robot["disabled"]),
        "expires_at": robot["expires_at"], "permissions": json.loads(robot["permissions"]), "creator_type": "local", "creator_ref": 1,
        "creation_time": robot["creation_time"], "update_time": robot["update_time"],
    }  # fmt: skip


@route("GET", "/robots", paged=True)
def list_robots(call: Call) -> Any:
    """List the robots of the system, or with `q=Level=project,ProjectID=1` those of a project."""
    call.require_login()
    wanted = filters(call.query.get("q", ""))
    level, key = wanted.get("level", "system"), wanted.get("projectid", "")
    if level not in RIGHTS:
        raise bad_request("bad request error level input")
    if level == "project" and not key.isdecimal():
        raise bad_request("must with project ID when to query project robots")
    project_id = int(key) if level == "project" else None
    _require(call, call.caller, project_id, "list")
    rows = call.harbor.db.all("SELECT * FROM robots WHERE project_id IS ? ORDER BY id", project_id)
    # The name is compared with and without the prefix, as clients know it either way.
    name = wanted.get("name", "")
    found = [shown(call, row) for row in rows if name.startswith("~") or name in ("", row["name"], shown(call, row)["name"])]
    call.query["q"] = ",".join(f"{key}={value}" for key, value in wanted.items() if key != "name" or value.startswith("~"))
    return found


@route("POST", "/robots", status=201)
def create_robot(call: Call) -> Any:
    """Make a robot and show its secret, this once. A secret in the body is ignored, as by Harbor: PATCH sets one."""
    call.require_login()
    given = call.fields(FIELDS, ("name", "level"))
    if not NAME.fullmatch(given["name"]) or len(given["name"]) > 255:
        raise bad_request(f"robot name {given['name']!r} is not in lower case or contains illegal characters")
    duration = given.get("duration", 0)
    grants = checked(given, duration)
    project = access.find_project(call.harbor, grants[0]["namespace"], by_name=True) if given["level"] == "project" else None
    if given["level"] == "project" and project is None:
        raise not_found(f"project {grants[0]['namespace']}")
    _require(call, call.caller, project["id"] if project else None, "create")
    check(call.harbor, call.caller, grants)
    name, secret, time = f"{project['name']}+{given['name']}" if project else given["name"], _new_secret(), now()
    try:
        id = call.harbor.db.insert(
            "robots", name=name, project_id=project["id"] if project else None, description=given.get("description", ""),
            digest=digest(secret), duration=duration, expires_at=_expiry(time, duration), disabled=given.get("disable", False),
            permissions=encode(grants), creation_time=time, update_time=time,
        )  # fmt: skip
    except sqlite3.IntegrityError:
        raise conflict(f"the robot {name} already exists") from None
    call.created(id)
    made = shown(call, call.harbor.db.get("robots", id))
    return {"id": id, "name": made["name"], "secret": secret, "creation_time": made["creation_time"], "expires_at": made["expires_at"]}


@route("GET", "/robots/{robot_id}")
def get_robot(call: Call) -> Any:
    """Show a robot."""
    return shown(call, _robot(call, "read"))


@route("PUT", "/robots/{robot_id}")
def update_robot(call: Call) -> None:
    """Change a robot; another duration counts from its creation. Name and level stay."""
    robot = _robot(call, "update")
    given = call.fields(FIELDS, ("name", "level"))
    before = shown(call, robot)
    if (given["name"], given["level"]) != (before["name"], before["level"]):
        raise bad_request("cannot update the level or name of robot")
    duration = given.get("duration", robot["duration"])
    grants = checked(given, duration)
    if before["level"] == "project" and grants[0]["namespace"] != robot["name"].partition("+")[0]:
        raise bad_request("cannot update the project id of robot")
    check(call.harbor, call.caller, grants)
    changes: dict[str, Any] = {"description": given.get("description", ""), "disabled": given.get("disable", False)}
    if duration != robot["duration"]:
        changes |= {"duration": duration, "expires_at": _expiry(robot["creation_time"], duration)}
    call.harbor.db.update("robots", robot["id"], permissions=encode(grants), update_time=now(), **changes)


@route("PATCH", "/robots/{robot_id}")
def refresh_secret(call: Call) -> Any:
    """Give a robot the secret in the body, or a new one, which alone is shown."""
    robot = _robot(call, "update")
    given = call.fields({"secret": str}).get("secret", "") if call.body is not None else ""
    if given and not _strong(given):
        raise bad_request(
            "the secret must be 8-128, inclusively, characters long with at least 1 uppercase letter, 1 lowercase letter and 1 number"
        )
    secret = given or _new_secret()
    call.harbor.db.update("robots", robot["id"], digest=digest(secret), update_time=now())
    return {} if given else {"secret": secret}


@route("DELETE", "/robots/{robot_id}")
def delete_robot(call: Call) -> None:
    """Delete a robot."""
    call.harbor.db.execute("DELETE FROM robots WHERE id = ?", _robot(call, "delete")["id"])


def _level(robot: Row) -> str:
    return "system" if robot["project_id"] is None else "project"


def _require(call: Call, caller: Caller, project_id: int | None, action: str) -> None:
    project = call.harbor.db.find("projects", project_id) if project_id else None
    if project_id is None:
        access.require_system(caller, "robot", action)
    elif project is None and caller.admin:
        raise not_found(f"project {project_id}")
    elif project is None or not access.may(caller, project, "robot", action):
        raise forbidden()


def _robot(call: Call, action: str) -> Row:
    call.require_login()
    robot = call.row("robots", "robot_id", "robot account")
    _require(call, call.caller, robot["project_id"], action)
    return robot


def _expiry(created: str, days: int) -> int:
    return -1 if days == -1 else int(moment(created).timestamp() + timedelta(days=1).total_seconds() * days)


def _strong(secret: str) -> bool:
    kinds = (string.ascii_uppercase, string.ascii_lowercase, string.digits)
    return len(secret) in LENGTHS and all(any(letter in kind for letter in secret) for kind in kinds)


def _new_secret() -> str:
    letters = string.ascii_letters + string.digits
    while not _strong(secret := "".join(secrets.choice(letters) for _ in range(32))):
        pass
    return secret
