"""Personal access tokens: https://docs.gitlab.com/api/personal_access_tokens/."""

from typing import Any

from sandbox.services.gitlab import tokens
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import forbidden, not_found, unauthorized
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.store import Row

TOKENS = "/personal_access_tokens"
ANY = tokens.SCOPES  # a token may always look at itself and give itself up


@route("GET", TOKENS, paged=True)
def list_tokens(call: Call) -> Any:
    """The caller's tokens; administrators see everybody's, or those of `user_id`."""
    user_id = call.integer("user_id", None if call.caller.admin else call.caller.id)
    if user_id != call.caller.id and not call.caller.admin:
        raise unauthorized()
    rows = call.gitlab.db.all("SELECT * FROM access_tokens WHERE ? IS NULL OR user_id = ? ORDER BY id", user_id, user_id)
    return tokens.select(call, rows)


@route("GET", f"{TOKENS}/self", scopes=ANY)
def get_self(call: Call) -> Any:
    """The token in use."""
    return tokens.shown(call.gitlab.db.get("access_tokens", call.caller.token["id"]))


@route("DELETE", f"{TOKENS}/self", status=204, scopes=ANY)
def revoke_self(call: Call) -> None:
    """Revoke the token in use."""
    call.gitlab.db.update("access_tokens", call.caller.token["id"], revoked=1)


@route("POST", f"{TOKENS}/self/rotate", scopes=("self_rotate",))
def rotate_self(call: Call) -> Any:
    """Replace the token in use."""
    return tokens.rotate(call, call.caller.token)


@route("GET", f"{TOKENS}/{{id}}")
def get_token(call: Call) -> Any:
    """One token."""
    return tokens.shown(_find(call))


@route("DELETE", f"{TOKENS}/{{id}}", status=204)
def revoke_token(call: Call) -> None:
    """Revoke a token."""
    call.gitlab.db.update("access_tokens", _find(call)["id"], revoked=1)


@route("POST", f"{TOKENS}/{{id}}/rotate")
def rotate_token(call: Call) -> Any:
    """Replace a token."""
    return tokens.rotate(call, _find(call))


@route("POST", "/users/{user_id}/personal_access_tokens", status=201)
def create_token(call: Call) -> Any:
    """A token for a user; administrators only. This is how a robot gets one."""
    if not call.caller.admin:
        raise forbidden()
    user = call.gitlab.db.one("SELECT id FROM users WHERE id = ?", call.number("user_id"))
    if user is None:
        raise not_found("User")
    with call.gitlab.db.transaction():
        return tokens.create(call, user["id"])


def _find(call: Call) -> Row:
    row = call.gitlab.db.one("SELECT * FROM access_tokens WHERE id = ?", call.number("id"))
    if row is None or (row["user_id"] != call.caller.id and not call.caller.admin):
        # Whether a foreign token exists is the administrators' to know.
        raise not_found("Token") if call.caller.admin else unauthorized()
    return row
