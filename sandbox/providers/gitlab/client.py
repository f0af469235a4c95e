"""The connection to GitLab: one request at a time, with errors that say what was asked."""

import time
from threading import Lock
from typing import TYPE_CHECKING, Any, ClassVar

from sandbox.providers.api import ANSWER_SECONDS, Api, RefusedError, Verb
from sandbox.providers.plugin import Properties

if TYPE_CHECKING:
    from requests import Response, Session


class Client(Api):
    """A connection that is made when it is first used: importing the library takes longer than most operations."""

    service: ClassVar = "GitLab"

    def __init__(self) -> None:
        self._config: Properties = {}
        self._connected: Session | None = None
        self._lock = Lock()

    def configure(self, config: Properties) -> None:
        """Take `baseUrl` (which ends in /api/v4/), `token`, `insecure` and `cacertFile`."""
        self._config = config

    def _send(self, verb: Verb, path: str, data: Properties | None, query: Properties) -> Any:
        from requests import RequestException, Timeout

        url = (self._config.get("baseUrl") or "https://gitlab.com/api/v4/").rstrip("/") + path
        asked = f"{verb.upper()} {path}"
        try:
            # GitLab never redirects the API but to another scheme or host, where a `post` would become a `get`.
            response = self._session().request(verb, url, params=query, json=data, timeout=ANSWER_SECONDS, allow_redirects=False)
        except Timeout:
            raise RefusedError(f"GitLab did not answer {asked} within {ANSWER_SECONDS:.0f} s", 0, 0.0) from None
        except RequestException as error:
            # The library's own text repeats the request.
            raise RefusedError(
                f"GitLab at {url.removesuffix(path)} cut or refused the connection on {asked} ({type(error).__name__})", 0, 0.0
            ) from None
        if 200 <= response.status_code < 300:
            return response.json() if response.content else None
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
