"""Faults on demand, for tests: what a client of GitLab meets on a bad day. The rules are held in memory, and gone after a restart."""

import re
import threading
from dataclasses import asdict, dataclass, field
from typing import Any

KINDS = ("status", "slow", "cut", "cut_after", "rate_limit")
FIELDS = {"method", "path", "kind", "status", "seconds", "times", "skip"}


class RuleError(ValueError):
    """Rules that cannot be used; the text names every problem."""


@dataclass
class Rule:
    """What the requests of `method` (`*`: of any) whose path, query included, `path` (a regular expression) is found in meet.

    kind: `status` answers with `status` in GitLab's place, with Retry-After where `seconds` is above 0; `slow` carries it out after
    `seconds`; `cut` breaks the connection before the request has an effect, `cut_after` once it had and the answer is lost; `rate_limit`
    is GitLab's 429 with Retry-After `seconds`.
    The first `skip` matching requests pass, the next `times` (None: all) are hit.
    """

    kind: str
    method: str = "*"
    path: str = ""
    status: int = 503
    seconds: float = 0.0
    times: int | None = 1
    skip: int = 0
    hits: int = 0
    passed: int = 0

    def due(self, method: str, path: str) -> bool:
        """Count this request and tell whether the rule hits it."""
        spent = self.times is not None and self.hits >= self.times
        if spent or self.method not in ("*", method) or not re.search(self.path, path):
            return False
        if self.passed < self.skip:
            self.passed += 1
            return False
        self.hits += 1
        return True


@dataclass
class Faults:
    """The rules in their order: the first that is due hits a request."""

    _rules: list[Rule] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, given: Any) -> None:
        """Add the rules `given`, a list of objects with the fields of Rule; raises RuleError, with none added, if one does not fit."""
        problems = [problem for place, each in enumerate(_list(given)) for problem in _problems(place, each)]
        if problems:
            raise RuleError("; ".join(problems))
        with self._lock:
            self._rules += [Rule(**each) for each in given]

    def clear(self) -> None:
        """Remove every rule."""
        with self._lock:
            self._rules.clear()

    def shown(self) -> list[dict[str, Any]]:
        """Return the rules with the number of their `hits`."""
        with self._lock:
            return [asdict(rule) for rule in self._rules]

    def meets(self, method: str, path: str) -> Rule | None:
        """Return the rule that hits this request, or None."""
        with self._lock:
            return next((rule for rule in self._rules if rule.due(method, path)), None)


def _list(given: Any) -> list[Any]:
    if not isinstance(given, list):
        raise RuleError(f"the body is {type(given).__name__}, expected a list of rules with the fields {', '.join(sorted(FIELDS))}")
    return given


def _problems(place: int, given: Any) -> list[str]:
    if not isinstance(given, dict):
        return [f"rule {place} is no object"]
    found = [f"rule {place} has the unknown field {name!r}" for name in sorted(set(given) - FIELDS)]
    if given.get("kind") not in KINDS:
        found.append(f"rule {place}: kind is {given.get('kind')!r}, expected one of {', '.join(KINDS)}")
    for name in ("method", "path"):
        if not isinstance(given.get(name, ""), str):
            found.append(f"rule {place}: {name} is {given[name]!r}, expected text")
    if isinstance(given.get("path"), str) and not _compiles(given["path"]):
        found.append(f"rule {place}: path is {given['path']!r}, expected a regular expression")
    limits = {"status": (400, 599), "times": (1, 10**9), "skip": (0, 10**9), "seconds": (0, 3600)}
    for name, (low, high) in limits.items():
        value, whole = given.get(name), int if name != "seconds" else (int, float)
        fits = isinstance(value, whole) and not isinstance(value, bool) and low <= value <= high
        if name in given and not fits and (name, value) != ("times", None):
            found.append(f"rule {place}: {name} is {value!r}, expected a number from {low} to {high}")
    return found


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
