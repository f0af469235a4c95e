"""The connection to GitLab: one request at a time, repeated where GitLab is unwell, with errors that say what was asked."""

import random
import re
import time
from collections.abc import Callable
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import quote

from sandbox.providers.plugin import Properties

if TYPE_CHECKING:
    from requests import Response, Session

Verb = Literal["get", "post", "put", "patch", "delete"]
_ANSWER_SECONDS: Final = 30.0
_PATIENCE_SECONDS: Final = 30.0
"""How long a fault is borne with; GitLab's rate limits count by the minute."""
_RATE_LIMIT_SECONDS: Final = 150.0
_LONGEST_PAUSE_SECONDS: Final = 5.0


class RefusedError(RuntimeError):
    """GitLab's refusal of a request, or no answer at all (status 0). Holds the status, never what was sent.

    `pause`: for how many seconds GitLab asked to wait; 0 where it did not say; None where waiting does not help.
    """

    def __init__(self, message: str, status: int, pause: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.pause = pause


class Client:
    """A connection that is made when it is first used: importing the library takes longer than most operations."""

    def __init__(self) -> None:
        self._config: Properties = {}
        self._connected: Session | None = None
        self._lock = Lock()

    def configure(self, config: Properties) -> None:
        """Take `baseUrl` (which ends in /api/v4/), `token`, `insecure` and `cacertFile`."""
        self._config = config

    def call(self, verb: Verb, path: str, data: Properties | None = None, made: Callable[[], Any] | None = None, **query: Any) -> Any:
        """Return the answer's body as plain values (None for an empty one), asking again while GitLab is unwell or limits the rate.

        Args:
            verb: of the request.
            path: relative to the API's root, built by `path`.
            data: the body.
            made: after a fault, which may have come after the deed, looks whether it is done: its result, if there is one, is taken for
                the answer. Without it a `post` that met a fault is not repeated, lest it creates twice.
            query: parameters in the URL.

        Raises RefusedError, on a fault only after half a minute.
        """
        began = time.monotonic()
        for attempt in count(1):
            try:
                response = self._send(verb, path, data, query)
                return response.json() if response.content else None
            except RefusedError as error:
                limited = error.status == 429
                if error.pause is None or (verb == "post" and not limited and made is None):
                    raise
                # With jitter, or all that was refused at once would come back at once.
                pause = error.pause or random.uniform(0.5, 1) * min(2**attempt / 10, _LONGEST_PAUSE_SECONDS)
                spent = time.monotonic() - began
                if spent + pause > (_RATE_LIMIT_SECONDS if limited else _PATIENCE_SECONDS):
                    raise RefusedError(
                        f"{error} ({attempt} times in {spent:.0f} s); next: see whether GitLab is well, then run this again: "
                        "what was made is kept",
                        error.status,
                    ) from None
            time.sleep(pause)
            if made is not None and not limited and (found := made()) is not None:
                return found
        raise AssertionError("count does not end")

    def find(self, path: str, **query: Any) -> Any:
        """Return what is at the path, or None where there is nothing. Raises RefusedError."""
        try:
            return self.call("get", path, **query)
        except RefusedError as error:
            if error.status == 404:
                return None
            raise

    def remove(self, path: str, made: Callable[[], Any] | None = None, **query: Any) -> None:
        """Delete what is at the path; one that is gone already is no error. Raises RefusedError."""
        try:
            self.call("delete", path, made=made, **query)
        except RefusedError as error:
            if error.status != 404:
                raise

    def _send(self, verb: Verb, path: str, data: Properties | None, query: Properties) -> "Response":
        from requests import RequestException, Timeout

        url = (self._config.get("baseUrl") or "https://gitlab.com/api/v4/").rstrip("/") + path
        asked = f"{verb.upper()} {path}"
        try:
            # GitLab never redirects the API but to another scheme or host, where a `post` would become a `get`.
            response = self._session().request(verb, url, params=query, json=data, timeout=_ANSWER_SECONDS, allow_redirects=False)
        except Timeout:
            raise RefusedError(f"GitLab did not answer {asked} within {_ANSWER_SECONDS:.0f} s", 0, 0.0) from None
        except RequestException as error:
            # The library's own text repeats the request.
            raise RefusedError(
                f"GitLab at {url.removesuffix(path)} cut or refused the connection on {asked} ({type(error).__name__})", 0, 0.0
            ) from None
        if 200 <= response.status_code < 300:
            return response
        raise RefusedError(
            f"GitLab answered {asked} with {response.status_code}: {_reason(response)}", response.status_code, _pause(response)
        )

    def _session(self) -> "Session":
        with self._lock:
            if self._connected is None:
                from requests import Session

                self._connected = Session()
                self._connected.verify = self._config.get("cacertFile") or not self._config.get("insecure", False)
                self._connected.headers["PRIVATE-TOKEN"] = str(self._config.get("token") or "")
            return self._connected


def _pause(response: "Response") -> float | None:
    """Return for how many seconds to wait before asking again (0: as one likes), or None where that would not help.

    https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers
    """
    if response.status_code != 429 and response.status_code < 500:
        return None
    after, reset = response.headers.get("Retry-After", ""), response.headers.get("RateLimit-Reset", "")
    if after.isdigit():
        return float(after)
    return max(0.0, int(reset) - time.time()) if reset.isdigit() else 0.0


def _reason(response: "Response") -> str:
    try:
        answer = response.json()
    except ValueError:
        return response.reason or "no reason given"
    said = (answer.get("message") or answer.get("error")) if isinstance(answer, dict) else None
    return _words(said or response.reason)


def _words(message: Any) -> str:
    """Return GitLab's own words: a sentence, or sentences by attribute (`{"path": ["has already been taken"]}`)."""
    if not isinstance(message, dict):
        return str(message)
    return "; ".join(f"{name} {', '.join(map(str, said)) if isinstance(said, list) else said}" for name, said in message.items())


def path(template: str, **parts: Any) -> str:
    """Return an API path, its parts encoded: `path("/projects/{project}", project="a/b")` is `/projects/a%2Fb`."""
    return template.format(**{name: quote(str(part), safe="") for name, part in parts.items()})


def snake(name: str) -> str:
    """Return the API's spelling of a property (`pushEvents` -> `push_events`)."""
    return re.sub(r"[A-Z]", lambda capital: "_" + capital[0].lower(), name)


def camel(name: str) -> str:
    """Return the SDK's spelling of an attribute (`push_events` -> `pushEvents`)."""
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)
