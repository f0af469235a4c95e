"""GitLab's rate limit, off until it is switched on: https://docs.gitlab.com/security/rate_limits/."""

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime

NAME = "throttle_authenticated_api"


@dataclass
class RateLimit:
    """So many `requests` a caller in each `period` (seconds), counted in fixed windows as GitLab does; 0 requests: no limit."""

    requests: int = 0
    period: int = 60
    _seen: dict[tuple[str, int], int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def switch(self, requests: int, period: int) -> None:
        """Change the limit and begin to count anew."""
        with self._lock:
            self.requests, self.period = requests, period
            self._seen.clear()

    def count(self, caller: str) -> tuple[bool, dict[str, str]]:
        """Count a request of `caller`; return whether it may pass, and the headers that tell the caller how it stands."""
        with self._lock:
            if not self.requests:
                return True, {}
            window = int(time.time() // self.period)
            observed = self._seen.get((caller, window), 0) + 1
            self._seen = {key: number for key, number in self._seen.items() if key[1] == window} | {(caller, window): observed}
            requests, reset = self.requests, (window + 1) * self.period
        headers = _headers(requests, observed, reset)
        return observed <= requests, headers


def refusal(seconds: float) -> dict[str, str]:
    """Return the headers of a 429 that asks to come back after `seconds`."""
    return {"Retry-After": str(max(0, int(seconds))), **_headers(1, 2, int(time.time() + seconds))}


def _headers(requests: int, observed: int, reset: int) -> dict[str, str]:
    found = {
        "RateLimit-Limit": str(requests), "RateLimit-Name": NAME, "RateLimit-Observed": str(observed),
        "RateLimit-Remaining": str(max(0, requests - observed)), "RateLimit-Reset": str(reset),
        "RateLimit-ResetTime": format_datetime(datetime.fromtimestamp(reset, UTC), usegmt=True),
    }  # fmt: skip
    if observed > requests:
        found["Retry-After"] = str(max(1, reset - int(time.time())))
    return found
