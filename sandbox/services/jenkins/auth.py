"""Who calls: a local user by password, API token or session cookie, or nobody. Crumbs guard what is asked by password or cookie."""

import base64
import binascii
import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass
from uuid import uuid4

from sandbox.services.database import Row
from sandbox.services.jenkins.configuration import ADMINISTER, NOBODY, Configuration
from sandbox.services.jenkins.errors import HttpError
from sandbox.services.jenkins.store import Store

COOKIE = "JSESSIONID.slipway"
CRUMB_FIELD = "Jenkins-Crumb"
MOST_SESSIONS = 10_000
CHALLENGE = {"WWW-Authenticate": 'Basic realm="Jenkins"'}


@dataclass(frozen=True)
class Caller:
    """user: id, or None for anonymous. name: as it is shown. by_token: an API token was used. session: id of the session, if any."""

    configuration: Configuration
    user: str | None
    name: str
    by_token: bool = False
    session: str = ""

    def may(self, permission: str) -> bool:
        """Tell whether the caller has a permission."""
        return self.configuration.permits(self.user, permission)

    @property
    def administrator(self) -> bool:
        """Whether the caller may do everything."""
        return self.may(ADMINISTER)


class Sessions:
    """Sessions of browsers and clients that keep cookies, in memory as Jenkins has them; the oldest go when there are too many."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users: dict[str, str | None] = {}
        self._key = secrets.token_bytes(32)

    def start(self, user: str | None) -> str:
        """Start a session for `user` and return its id."""
        id = secrets.token_urlsafe(32)
        with self._lock:
            if len(self._users) >= MOST_SESSIONS:
                del self._users[next(iter(self._users))]
            self._users[id] = user
        return id

    def end(self, id: str) -> None:
        """End a session."""
        with self._lock:
            self._users.pop(id, None)

    def known(self, id: str) -> bool:
        """Tell whether there is such a session."""
        return id in self._users

    def user(self, id: str) -> str | None:
        """Return who has logged in in this session, or None."""
        return self._users.get(id)

    def crumb(self, caller: Caller) -> str:
        """Return the crumb of a caller's session."""
        text = f"{caller.user or 'anonymous'};{caller.session}"
        return hmac.new(self._key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def accepts(self, caller: Caller, crumb: str) -> bool:
        """Tell whether this is the crumb of the caller's session."""
        return bool(caller.session) and hmac.compare_digest(self.crumb(caller).encode(), crumb.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True)
class Door:
    """Knows callers by what they show."""

    store: Store
    sessions: Sessions

    def caller(self, configuration: Configuration, authorization: str, cookie: str) -> Caller:
        """Return who calls, by an Authorization header and the session cookie; raises HttpError 401 if a header is there and wrong."""
        session = cookie if self.sessions.known(cookie) else ""
        kind, _, value = authorization.partition(" ")
        if kind.lower() == "basic":
            return self._basic(configuration, value.strip(), session)
        user = configuration.users.get(self.sessions.user(session) or "")
        return (
            Caller(configuration, user.id, user.name, False, session) if user else Caller(configuration, None, "anonymous", False, session)
        )

    def _basic(self, configuration: Configuration, value: str, session: str) -> Caller:
        try:
            name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            raise HttpError(401, "Invalid Basic credentials", CHALLENGE) from None
        user = configuration.users.get(name)
        if user and self._has_token(name, secret):
            return Caller(configuration, user.id, user.name, True, session)
        if password_matches(configuration, name, secret) and user:
            return Caller(configuration, user.id, user.name, False, session)
        raise HttpError(401, "Invalid password/token", CHALLENGE)

    def _has_token(self, user: str, secret: str) -> bool:
        return self.store.db.one("SELECT id FROM tokens WHERE user = ? AND digest = ?", user, _digest(secret)) is not None

    def new_token(self, user: str, name: str) -> tuple[str, str, str]:
        """Make an API token for `user` and return its name, UUID and value, which is known only now."""
        uuid, value = str(uuid4()), "11" + secrets.token_hex(16)
        shown = name or f"Token created on {uuid[:8]}"
        self.store.db.insert("tokens", user=user, uuid=uuid, name=shown, digest=_digest(value))
        return shown, uuid, value

    def tokens(self, user: str) -> list[Row]:
        """Return the API tokens of `user`."""
        return self.store.db.all("SELECT * FROM tokens WHERE user = ? ORDER BY id", user)

    def revoke(self, user: str, uuid: str) -> None:
        """Remove an API token of `user`."""
        self.store.db.execute("DELETE FROM tokens WHERE user = ? AND uuid = ?", user, uuid)


def password_matches(configuration: Configuration, name: str, password: str) -> bool:
    """Tell whether this is the user's password; takes as long for an unknown user."""
    return configuration.users.get(name, NOBODY).accepts(password) and name in configuration.users


def _digest(token: str) -> str:
    # Tokens are random, so that a plain hash is enough, and it can be looked up.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
