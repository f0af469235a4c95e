"""What the plugins for web services share: requests that are repeated where the service is unwell, and the spelling of names."""

import random
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from itertools import count
from typing import Any, ClassVar, Final, Literal
from urllib.parse import quote

from sandbox.providers.plugin import Context, Properties

Verb = Literal["get", "post", "put", "patch", "delete"]
ANSWER_SECONDS: Final = 30.0
_PATIENCE_SECONDS: Final = 30.0
"""How long a fault is borne with; GitLab's rate limits count by the minute."""
_RATE_LIMIT_SECONDS: Final = 150.0
_LONGEST_PAUSE_SECONDS: Final = 5.0


class RefusedError(RuntimeError):
    """A service's refusal of a request, or no answer at all (status 0). Holds the status, never what was sent.

    `pause`: for how many seconds the service asked to wait; 0 where it did not say; None where waiting does not help.
    """

    def __init__(self, message: str, status: int, pause: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.pause = pause


class Api(ABC):
    """A connection to a service."""

    service: ClassVar[str]
    """The service's name, for messages."""

    def call(
        self,
        verb: Verb,
        path: str,
        data: Properties | None = None,
        made: Callable[[], Any] | None = None,
        context: Context | None = None,
        **query: Any,
    ) -> Any:
        """Return the answer's body as plain values (None for an empty one), asking again while the service is unwell or limits the rate.

        Args:
            verb: of the request.
            path: relative to the API's root, built by `path`.
            data: the body.
            made: after a fault, which may have come after the deed, looks whether it is done: its result, if there is one, is taken for
                the answer. Without it a `post` that met a fault is not repeated, lest it creates twice.
            context: whose log shows that the service is waited for, and whose interrupt ends that.
            query: parameters in the URL.

        Raises RefusedError, on a fault only after half a minute; RuntimeError when the user interrupts the run.
        """
        began = time.monotonic()
        for attempt in count(1):
            try:
                return self._send(verb, path, data, query)
            except RefusedError as error:
                limited = error.status == 429
                if error.pause is None or (verb == "post" and not limited and made is None):
                    raise
                # With jitter, or all that was refused at once would come back at once.
                pause = error.pause or random.uniform(0.5, 1) * min(2**attempt / 10, _LONGEST_PAUSE_SECONDS)
                spent = time.monotonic() - began
                if spent + pause > (_RATE_LIMIT_SECONDS if limited else _PATIENCE_SECONDS):
                    raise RefusedError(
                        f"{error} ({attempt} times in {spent:.0f} s); next: see whether {self.service} is well, then run this again: "
                        "what was made is kept",
                        error.status,
                    ) from None
                self._wait(context, pause, str(error))
            if made is not None and not limited and (found := made()) is not None:
                return found
        raise AssertionError("count does not end")

    def find(self, path: str, context: Context | None = None, **query: Any) -> Any:
        """Return what is at the path, or None where there is nothing. Raises RefusedError."""
        try:
            return self.call("get", path, context=context, **query)
        except RefusedError as error:
            if error.status == 404:
                return None
            raise

    def remove(self, path: str, made: Callable[[], Any] | None = None, context: Context | None = None, **query: Any) -> None:
        """Delete what is at the path; one that is gone already is no error. Raises RefusedError."""
        try:
            self.call("delete", path, made=made, context=context, **query)
        except RefusedError as error:
            if error.status != 404:
                raise

    @abstractmethod
    def _send(self, verb: Verb, path: str, data: Properties | None, query: Properties) -> Any:
        """Return the answer to one request. Raises RefusedError."""

    def _wait(self, context: Context | None, seconds: float, why: str) -> None:
        if context is None:
            time.sleep(seconds)
            return
        context.log.status(f"waiting for {self.service}: {why}")
        if context.cancelled.wait(seconds):
            raise RuntimeError(f"interrupted while waiting for {self.service}: {why}")


def path(template: str, **parts: Any) -> str:
    """Return an API path, its parts encoded: `path("/projects/{project}", project="a/b")` is `/projects/a%2Fb`."""
    return template.format(**{name: quote(str(part), safe="") for name, part in parts.items()})


def snake(name: str) -> str:
    """Return the API's spelling of a property (`pushEvents` -> `push_events`)."""
    return re.sub(r"[A-Z]", lambda capital: "_" + capital[0].lower(), name)


def camel(name: str) -> str:
    """Return the SDK's spelling of an attribute (`push_events` -> `pushEvents`)."""
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)
