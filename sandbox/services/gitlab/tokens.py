"""Making, showing and replacing access tokens, whatever they belong to."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sandbox.services.gitlab.auth import expired
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import ApiError, bad_request
from sandbox.services.gitlab.instance import digest, new_token
from sandbox.services.gitlab.sources import Source
from sandbox.services.gitlab.store import Row, encode, now

SCOPES = (
    "api", "read_api", "read_user", "read_repository", "write_repository", "read_registry", "write_registry", "create_runner",
    "manage_runner", "ai_features", "k8s_proxy", "self_rotate", "sudo", "admin_mode",
)  # fmt: skip
LONGEST, AFTER_ROTATION = timedelta(days=365), timedelta(days=7)


def create(call: Call, user_id: int, source: Source | None = None, access_level: int | None = None) -> dict[str, Any]:
    """Add a token for `user_id` from the call's parameters and return it with its secret. Inside a transaction.

    `source` and `access_level` are those of a project's or group's token.
    """
    name, given = call.require("name", "scopes")
    secret = new_token("glpat")
    place = {"source_type": source.type, "source_id": source.id} if source else {}
    id = call.gitlab.db.insert(
        "access_tokens", user_id=user_id, name=name, description=call.params.get("description"), digest=digest(secret),
        scopes=encode(scopes(given)), access_level=access_level, expires_at=expiry(call, LONGEST), created_at=now(), **place,
    )  # fmt: skip
    return shown(call.gitlab.db.get("access_tokens", id)) | {"token": secret}


def rotate(call: Call, row: Row) -> dict[str, Any]:
    """Replace the token `row` by a new one of the same kind, and return that with its secret.

    A revoked or expired token is refused; the use of a revoked one also ends those that followed it, as in GitLab.
    """
    expires_at, secret = expiry(call, AFTER_ROTATION), new_token("glpat")
    if row["revoked"]:
        call.gitlab.db.execute("UPDATE access_tokens SET revoked = 1 WHERE user_id = ? AND name = ?", row["user_id"], row["name"])
    if row["revoked"] or expired(row):
        raise bad_request("400 Bad request - Token already revoked")
    kept = ("user_id", "source_type", "source_id", "name", "description", "scopes", "access_level")
    with call.gitlab.db.transaction():
        call.gitlab.db.update("access_tokens", row["id"], revoked=1)
        values = {column: row[column] for column in kept}
        id = call.gitlab.db.insert("access_tokens", **values, digest=digest(secret), expires_at=expires_at, created_at=now())
    return shown(call.gitlab.db.get("access_tokens", id)) | {"token": secret}


def shown(row: Row) -> dict[str, Any]:
    """Return the form of a token, never with its secret."""
    fields = {
        "id": row["id"], "name": row["name"], "revoked": bool(row["revoked"]), "created_at": row["created_at"],
        "description": row["description"], "scopes": json.loads(row["scopes"]), "user_id": row["user_id"],
        "last_used_at": row["last_used_at"], "active": not row["revoked"] and not expired(row), "expires_at": row["expires_at"],
    }  # fmt: skip
    if row["source_type"] is None:
        return fields | {"last_used_ips": []}
    return fields | {"access_level": row["access_level"], "resource_type": row["source_type"].lower(), "resource_id": row["source_id"]}


def select(call: Call, rows: list[Row]) -> list[dict[str, Any]]:
    """Return the tokens that fit the parameters `state`, `revoked` and `search`."""
    state, search = call.params.get("state"), call.params.get("search", "").lower()
    found = [shown(row) for row in rows if search in row["name"].lower()]
    if state is not None:
        found = [token for token in found if token["active"] == (state == "active")]
    if "revoked" in call.params:
        found = [token for token in found if token["revoked"] == call.boolean("revoked")]
    return found


def scopes(given: Any, allowed: tuple[str, ...] = SCOPES) -> list[str]:
    """Return the scopes in `given`, a list or text separated by commas; ApiError 400 names those that do not exist."""
    names: list[Any] = given.split(",") if isinstance(given, str) else given
    wrong = [name for name in names if name not in allowed]
    if wrong or not names:
        raise ApiError(400, {"error": "scopes does not have a valid value", "message": f"unknown {wrong}, expected of {list(allowed)}"})
    return names


def expiry(call: Call, default: timedelta | None) -> str | None:
    """Return the parameter `expires_at` as YYYY-MM-DD, or the day after `default` from now; ApiError 400 if it is no coming day."""
    today, given = datetime.now(UTC).date(), call.params.get("expires_at")
    if given is None:
        return (today + default).isoformat() if default else None
    try:
        day = date.fromisoformat(str(given)[:10])
    except ValueError:
        raise ApiError(400, {"error": "expires_at is invalid"}) from None
    if day <= today:
        raise bad_request({"expires_at": ["must be in the future"]})
    return day.isoformat()
