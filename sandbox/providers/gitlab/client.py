"""The connection to GitLab: one request at a time, with errors that say what was asked."""

import re
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from sandbox.providers.plugin import Properties

if TYPE_CHECKING:
    from gitlab import Gitlab

Verb = Literal["get", "post", "put", "patch", "delete"]
_SECONDS = 60


class RefusedError(RuntimeError):
    """GitLab's refusal of a request. Holds the status, never what was sent."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Client:
    """A connection that is made when it is first used: importing the library takes longer than most operations."""

    def __init__(self) -> None:
        self._config: Properties = {}
        self._connected: Gitlab | None = None
        self._lock = Lock()

    def configure(self, config: Properties) -> None:
        """Take `baseUrl` (which ends in /api/v4/), `token`, `insecure` and `cacertFile`."""
        self._config = config

    def call(self, verb: Verb, path: str, data: Properties | None = None, **query: Any) -> Any:
        """Return the answer's body as plain values (None for an empty one).

        Args:
            verb: a request that creates is not repeated on a server's fault, lest it creates twice; others are.
            path: relative to the API's root, built by `path`.
            data: the body.
            query: parameters in the URL.

        Raises RefusedError.
        """
        from gitlab.exceptions import GitlabError

        try:
            response = self._gitlab().http_request(
                verb, path, query_data=query, post_data=data, retry_transient_errors=verb != "post", timeout=_SECONDS
            )
        except GitlabError as error:
            status = error.response_code or 0
            raise RefusedError(
                f"GitLab answered {verb.upper()} {path} with {status or 'an error'}: {_words(error.error_message)}",
                status,
            ) from None
        return response.json() if response.content else None

    def find(self, path: str, **query: Any) -> Any:
        """Return what is at the path, or None where there is nothing. Raises RefusedError."""
        try:
            return self.call("get", path, **query)
        except RefusedError as error:
            if error.status == 404:
                return None
            raise

    def remove(self, path: str, data: Properties | None = None, **query: Any) -> None:
        """Delete what is at the path; one that is gone already is no error. Raises RefusedError."""
        try:
            self.call("delete", path, data, **query)
        except RefusedError as error:
            if error.status != 404:
                raise

    def _gitlab(self) -> "Gitlab":
        with self._lock:
            if self._connected is None:
                from gitlab import Gitlab

                url = re.sub(r"/api/v4/?$", "", self._config.get("baseUrl") or "https://gitlab.com/api/v4/")
                verify = self._config.get("cacertFile") or not self._config.get("insecure", False)
                self._connected = Gitlab(url, private_token=self._config.get("token"), ssl_verify=verify)
            return self._connected


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
