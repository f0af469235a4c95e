"""Who calls: a user through an access token, a deploy token, or nobody."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.services.gitlab.errors import ApiError, forbidden, unauthorized
from sandbox.services.gitlab.instance import Instance, digest
from sandbox.services.gitlab.store import Row, now

ACTIVE = "active"


@dataclass(frozen=True)
class Caller:
    """A user and the access token in use."""

    user: Row
    token: Row
    scopes: frozenset[str]

    @property
    def id(self) -> int:
        """The user's id."""
        return int(self.user["id"])

    @property
    def admin(self) -> bool:
        """Whether the user is an administrator."""
        return bool(self.user["admin"])


@dataclass(frozen=True)
class DeployCaller:
    """A deploy token: no user, and nothing but the Git repositories below one project or group."""

    token: Row
    scopes: frozenset[str]


def expired(token: Row) -> bool:
    """Tell whether the last day of `token` has come: GitLab ends a token at midnight UTC of `expires_at`."""
    return token["expires_at"] is not None and token["expires_at"][:10] <= datetime.now(UTC).date().isoformat()


def state_of(gitlab: Instance, user_id: int) -> str:
    """Return the state of a user: active, blocked or deactivated."""
    row = gitlab.db.one("SELECT state FROM user_states WHERE user_id = ?", user_id)
    return row["state"] if row else ACTIVE


def by_access_token(gitlab: Instance, secret: str) -> Caller:
    """Return the caller whose access token is `secret`; raises ApiError 401 if it is unknown, revoked or expired,
    403 if the user is blocked."""
    token = gitlab.db.one("SELECT * FROM access_tokens WHERE digest = ?", digest(secret))
    if token is None:
        raise unauthorized()
    if token["revoked"]:
        raise _invalid_token("Token was revoked. You have to re-authorize from the user.")
    if expired(token):
        raise _invalid_token("Token is expired. You can either do re-authorization or token refresh.")
    state = state_of(gitlab, token["user_id"])
    if state == "blocked":
        raise forbidden("Your account has been blocked.")
    if state == "deactivated":  # the next use makes the user active again
        gitlab.db.execute("DELETE FROM user_states WHERE user_id = ?", token["user_id"])
    gitlab.db.update("access_tokens", token["id"], last_used_at=now())
    return Caller(gitlab.db.get("users", token["user_id"]), token, frozenset(json.loads(token["scopes"])))


def by_deploy_token(gitlab: Instance, username: str, secret: str) -> DeployCaller | None:
    """Return the caller of the deploy token `secret` under its `username`, or None if there is no valid one."""
    token = gitlab.db.one("SELECT * FROM deploy_tokens WHERE digest = ? AND username = ?", digest(secret), username)
    if token is None or token["revoked"] or expired(token):
        return None
    return DeployCaller(token, frozenset(json.loads(token["scopes"])))


def by_header(gitlab: Instance, header: str) -> Caller | DeployCaller | None:
    """Return the caller that an Authorization `header`, Basic or Bearer, names; None without one.

    With Basic, any user name goes with an access token ("oauth2" by custom), while a deploy token has its own. Raises ApiError 401 if the
    credentials are wrong.
    """
    kind, _, value = header.partition(" ")
    if not value:
        return None
    if kind.lower() == "bearer":
        return by_access_token(gitlab, value)
    try:
        username, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise unauthorized() from None
    return by_deploy_token(gitlab, username, secret) or by_access_token(gitlab, secret)


def _invalid_token(description: str) -> ApiError:
    return ApiError(401, {"error": "invalid_token", "error_description": description})
