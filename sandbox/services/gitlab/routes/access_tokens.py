"""Tokens of projects and groups: each belongs to a bot that is a member there.

https://docs.gitlab.com/api/project_access_tokens/ and https://docs.gitlab.com/api/group_access_tokens/.
"""

import secrets
from typing import Any

from sandbox.services.gitlab import tokens
from sandbox.services.gitlab.access import MAINTAINER, ROLES, group_level, project_level
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import ApiError, bad_request, not_found, unauthorized
from sandbox.services.gitlab.instance import add_user
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.sources import EITHER, Source, find_source
from sandbox.services.gitlab.store import Row, now

TOKENS = f"{EITHER}/access_tokens"
LEVELS = tuple(level for level in ROLES if 10 <= level <= 50)


@route("GET", TOKENS, paged=True)
def list_tokens(call: Call) -> Any:
    """Tokens, revoked ones too."""
    sql = "SELECT * FROM access_tokens WHERE source_type = ? AND source_id = ? ORDER BY id"
    return tokens.select(call, call.gitlab.db.all(sql, *find_source(call).key))


@route("POST", TOKENS, status=201)
def create_token(call: Call) -> Any:
    """A new token; the answer is the only place where its secret is shown."""
    source = find_source(call)
    if call.caller.user["bot"]:  # a token of this kind cannot make another one
        raise bad_request("400 Bad request - User does not have permission to create access tokens")
    level = call.choice("access_level", LEVELS, MAINTAINER)
    if level > _own_level(call, source):
        raise bad_request("400 Bad request - Access level of the token can't be greater the access level of the user who created the token")
    username = f"{source.type.lower()}_{source.id}_bot_{secrets.token_hex(16)}"
    with call.gitlab.db.transaction():
        bot = add_user(call.gitlab.db, username, call.require("name")[0], f"{username}@noreply.example.com", bot=True)
        member = {"user_id": bot, "access_level": level, "created_at": now()}
        token = tokens.create(call, bot, source, level)
        call.gitlab.db.insert("members", source_type=source.type, source_id=source.id, expires_at=token["expires_at"], **member)
    return token


@route("GET", f"{TOKENS}/{{token_id}}", scopes=("self_rotate",))
def get_token(call: Call) -> Any:
    """One token."""
    return tokens.shown(_find(call, find_source(call)))


@route("DELETE", f"{TOKENS}/{{token_id}}", status=204)
def revoke_token(call: Call) -> None:
    """Revoke a token; its bot loses its membership."""
    row = _find(call, find_source(call))
    with call.gitlab.db.transaction():
        call.gitlab.db.update("access_tokens", row["id"], revoked=1)
        call.gitlab.db.execute("DELETE FROM members WHERE user_id = ?", row["user_id"])


@route("POST", f"{TOKENS}/{{token_id}}/rotate", scopes=("self_rotate",))
def rotate_token(call: Call) -> Any:
    """Replace a token; `self` is the caller's own."""
    if call.path["token_id"] == "self":  # noqa: S105  (no password)
        return tokens.rotate(call, _own(call, find_source(call, level=0)))
    if not call.caller.scopes & {"api"}:
        raise unauthorized()
    return tokens.rotate(call, _find(call, find_source(call)))


def _own(call: Call, source: Source) -> Row:
    token = call.caller.token
    if token["source_type"] is None:
        raise ApiError(405, {"message": "405 Method Not Allowed"})
    if (token["source_type"], token["source_id"]) != source.key:
        raise unauthorized()
    return token


def _find(call: Call, source: Source) -> Row:
    sql = "SELECT * FROM access_tokens WHERE id = ? AND source_type = ? AND source_id = ?"
    row = call.gitlab.db.one(sql, call.number("token_id"), *source.key)
    if row is None:
        raise not_found(f"Could not find {source.type.lower()} access token with token_id: {call.path['token_id']}")
    return row


def _own_level(call: Call, source: Source) -> int:
    of = project_level(call.gitlab, call.caller, source.row) if source.type == "Project" else 0
    return of or group_level(call.gitlab, call.caller, source.id)
