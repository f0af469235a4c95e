"""Deploy keys: https://docs.gitlab.com/api/deploy_keys/. They are kept and named in protections; nothing here speaks SSH."""

import base64
import binascii
import hashlib
from typing import Any

from sandbox.services.gitlab import tokens
from sandbox.services.gitlab.access import MAINTAINER, require_project
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import bad_request, forbidden, not_found
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.store import Row, now

KEYS = "/projects/{id}/deploy_keys"
SELECT = "SELECT k.*, p.can_push FROM deploy_keys k JOIN deploy_keys_projects p ON p.key_id = k.id WHERE p.project_id = ?"


@route("GET", "/deploy_keys", paged=True)
def list_all(call: Call) -> Any:
    """Every deploy key; administrators only."""
    if not call.caller.admin:
        raise forbidden()
    return [_shown(row) for row in call.gitlab.db.all("SELECT * FROM deploy_keys ORDER BY id")]


@route("GET", KEYS, paged=True)
def list_keys(call: Call) -> Any:
    """Deploy keys of a project."""
    project = require_project(call.gitlab, call.caller, call.path["id"], MAINTAINER)
    return [_of_project(row) for row in call.gitlab.db.all(f"{SELECT} ORDER BY k.id", project["id"])]


@route("POST", KEYS, status=201)
def add_key(call: Call) -> Any:
    """A new deploy key; one that another project has is shared."""
    project = require_project(call.gitlab, call.caller, call.path["id"], MAINTAINER)
    title, key = call.require("title", "key")
    content, expires_at = _content(key), tokens.expiry(call, None)
    md5 = ":".join(f"{byte:02x}" for byte in hashlib.md5(content, usedforsecurity=False).digest())
    sha256 = "SHA256:" + base64.b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
    with call.gitlab.db.transaction():
        known = call.gitlab.db.one("SELECT id FROM deploy_keys WHERE fingerprint_sha256 = ?", sha256)
        values = {"title": title, "key": key, "fingerprint": md5, "fingerprint_sha256": sha256, "expires_at": expires_at}
        id = known["id"] if known else call.gitlab.db.insert("deploy_keys", **values, created_at=now())
        if call.gitlab.db.one("SELECT key_id FROM deploy_keys_projects WHERE project_id = ? AND key_id = ?", project["id"], id):
            raise bad_request({"deploy_key.fingerprint_sha256": ["has already been taken"]})
        call.gitlab.db.insert("deploy_keys_projects", project_id=project["id"], key_id=id, can_push=call.boolean("can_push"))
    return _of_project(_row(call, project, id))


@route("GET", f"{KEYS}/{{key_id}}")
def get_key(call: Call) -> Any:
    """One deploy key."""
    return _of_project(_find(call)[1])


@route("PUT", f"{KEYS}/{{key_id}}")
def update_key(call: Call) -> Any:
    """Change the title, or whether this project may be pushed to with it."""
    project, row = _find(call)
    with call.gitlab.db.transaction():
        call.gitlab.db.update("deploy_keys", row["id"], title=call.params.get("title", row["title"]))
        flag = call.boolean("can_push", bool(row["can_push"]))
        sql = "UPDATE deploy_keys_projects SET can_push = ? WHERE project_id = ? AND key_id = ?"
        call.gitlab.db.execute(sql, flag, project["id"], row["id"])
    return _of_project(_row(call, project, row["id"]))


@route("DELETE", f"{KEYS}/{{key_id}}", status=204)
def delete_key(call: Call) -> None:
    """Take the key from the project; it goes when no project has it."""
    project, row = _find(call)
    with call.gitlab.db.transaction():
        call.gitlab.db.execute("DELETE FROM deploy_keys_projects WHERE project_id = ? AND key_id = ?", project["id"], row["id"])
        call.gitlab.db.execute("DELETE FROM deploy_keys WHERE id NOT IN (SELECT key_id FROM deploy_keys_projects)")


@route("POST", f"{KEYS}/{{key_id}}/enable", status=201)
def enable_key(call: Call) -> Any:
    """Give a key of another project to this one, to read."""
    project, id = require_project(call.gitlab, call.caller, call.path["id"], MAINTAINER), call.number("key_id")
    if not call.caller.admin or call.gitlab.db.one("SELECT id FROM deploy_keys WHERE id = ?", id) is None:
        raise not_found("Deploy Key")
    call.gitlab.db.execute("INSERT OR IGNORE INTO deploy_keys_projects VALUES (?, ?, 0)", project["id"], id)
    return _shown(_row(call, project, id))


def _content(key: str) -> bytes:
    words = key.split()
    try:
        content = base64.b64decode(words[1], validate=True)
    except (IndexError, binascii.Error, ValueError):
        content = b""
    kind = words[0].encode() if words else b""
    if not content or content[4 : 4 + len(kind)] != kind:
        raise bad_request({"deploy_key.key": ["is invalid"]})
    return content


def _find(call: Call) -> tuple[Row, Row]:
    project = require_project(call.gitlab, call.caller, call.path["id"], MAINTAINER)
    return project, _row(call, project, call.number("key_id"))


def _row(call: Call, project: Row, id: int) -> Row:
    row = call.gitlab.db.one(f"{SELECT} AND k.id = ?", project["id"], id)
    if row is None:
        raise not_found("Deploy Key")
    return row


def _shown(row: Row) -> dict[str, Any]:
    names = ("id", "title", "created_at", "expires_at", "key", "fingerprint", "fingerprint_sha256")
    return {name: row[name] for name in names} | {"last_used_at": None, "usage_type": "auth"}


def _of_project(row: Row) -> dict[str, Any]:
    return _shown(row) | {"can_push": bool(row["can_push"])}
