"""Deploy tokens of projects and groups: https://docs.gitlab.com/api/deploy_tokens/."""

import json
from typing import Any

from sandbox.services.gitlab import tokens
from sandbox.services.gitlab.auth import expired
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import forbidden, not_found
from sandbox.services.gitlab.instance import digest, new_token
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.sources import EITHER, find_source
from sandbox.services.gitlab.store import Row, encode

TOKENS = f"{EITHER}/deploy_tokens"
SCOPES = (
    "read_repository", "read_registry", "write_registry", "read_package_registry", "write_package_registry", "read_virtual_registry",
    "write_virtual_registry",
)  # fmt: skip


@route("GET", "/deploy_tokens", paged=True)
def list_all(call: Call) -> Any:
    """Every deploy token; administrators only."""
    if not call.caller.admin:
        raise forbidden()
    return _active(call, call.gitlab.db.all("SELECT * FROM deploy_tokens ORDER BY id"))


@route("GET", TOKENS, paged=True)
def list_tokens(call: Call) -> Any:
    """Deploy tokens."""
    sql = "SELECT * FROM deploy_tokens WHERE source_type = ? AND source_id = ? AND revoked = 0 ORDER BY id"
    return _active(call, call.gitlab.db.all(sql, *find_source(call).key))


@route("POST", TOKENS, status=201)
def create_token(call: Call) -> Any:
    """A new deploy token; the answer is the only place where its secret is shown."""
    source = find_source(call)
    name, given = call.require("name", "scopes")
    secret, expires_at = new_token("gldt"), tokens.expiry(call, None)
    names = tokens.scopes(given, SCOPES)
    with call.gitlab.db.transaction():
        id = call.gitlab.db.insert(
            "deploy_tokens", source_type=source.type, source_id=source.id, name=name, username=call.params.get("username") or "",
            digest=digest(secret), scopes=encode(names), expires_at=expires_at,
        )  # fmt: skip
        if not call.params.get("username"):
            call.gitlab.db.update("deploy_tokens", id, username=f"gitlab+deploy-token-{id}")
    return _shown(call.gitlab.db.get("deploy_tokens", id)) | {"token": secret}


@route("GET", f"{TOKENS}/{{token_id}}")
def get_token(call: Call) -> Any:
    """One deploy token."""
    return _shown(_find(call))


@route("DELETE", f"{TOKENS}/{{token_id}}", status=204)
def delete_token(call: Call) -> None:
    """Revoke a deploy token."""
    call.gitlab.db.update("deploy_tokens", _find(call)["id"], revoked=1)


def _find(call: Call) -> Row:
    sql = "SELECT * FROM deploy_tokens WHERE id = ? AND source_type = ? AND source_id = ? AND revoked = 0"
    row = call.gitlab.db.one(sql, call.number("token_id"), *find_source(call).key)
    if row is None:
        raise not_found("DeployToken")
    return row


def _active(call: Call, rows: list[Row]) -> list[dict[str, Any]]:
    shown = [_shown(row) for row in rows]
    return [each for each in shown if not call.boolean("active") or not (each["revoked"] or each["expired"])]


def _shown(row: Row) -> dict[str, Any]:
    expires_at = f"{row['expires_at']}T00:00:00.000Z" if row["expires_at"] else None
    state = {"scopes": json.loads(row["scopes"]), "revoked": bool(row["revoked"]), "expired": expired(row)}
    return {"id": row["id"], "name": row["name"], "username": row["username"], "expires_at": expires_at, **state}
