"""What is left of a stack, system by system: by what the state knew of it before, looked for where it was."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

Resources = Sequence[Mapping[str, Any]]
"""The resources of an exported state, secrets in envelopes with their plain text."""

BITS = {"state": 4, "cluster": 8, "GitLab": 16, "Harbor": 32, "Docker": 64}
"""What each system adds to the exit code of `slipway down` where something of the stack is left in it."""

SHOWN = 20
"""How many kept objects are named."""


@dataclass(kw_only=True)
class Section:
    """One system. looked_for: number of objects. left: what is still there. scheduled: what goes by itself, with its date.
    kept: what was to stay. problem: why the system could not be asked."""

    system: str
    looked_for: int = 0
    left: list[str] = field(default_factory=list)
    scheduled: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    problem: str = ""

    @property
    def is_clean(self) -> bool:
        """Whether nothing is left but what is to stay or goes by itself."""
        return not (self.left or self.problem)

    def lines(self) -> Iterable[str]:
        """The section for people."""
        count = f"{self.looked_for} {'object' if self.looked_for == 1 else 'objects'} looked for"
        if self.problem:
            yield f"  {self.system:<8} {count}: {self.problem}"
        elif self.left:
            yield f"  {self.system:<8} {count}, {len(self.left)} left"
        elif self.kept:
            yield f"  {self.system:<8} {count}, {len(self.kept)} kept, nothing else left"
        else:
            yield f"  {self.system:<8} {count}, none left" if self.looked_for else f"  {self.system:<8} nothing was there"
        yield from (f"    left: {each}" for each in self.left)
        yield from (f"    scheduled: {each}" for each in self.scheduled)
        if len(self.kept) <= SHOWN:  # a list of everything that Harbor is made of helps nobody
            yield from (f"    kept: {each}" for each in self.kept)


Look = Callable[[Resources, frozenset[str]], Section | None]
"""Looks in one system for what the resources were; those of the given URNs are to stay. None where the stack had nothing to do with it."""


def code(sections: Iterable[Section]) -> int:
    """The exit code: the sum of the systems in which something is left."""
    return sum(BITS[each.system] for each in sections if not each.is_clean)


def named(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is known of a resource: its outputs, or what was asked for where it never came so far."""
    found: Mapping[str, Any] = resource.get("outputs") or resource.get("inputs") or {}
    return found


def provider(resources: Resources, package: str) -> Mapping[str, Any] | None:
    """The settings of the package's provider; None where the stack has none."""
    found = next((each for each in resources if each["type"] == f"pulumi:providers:{package}"), None)
    return None if found is None else found["inputs"]


def unknown(url: str, error: Exception) -> str:
    """Why it is not known what is left in a service."""
    answered = f"answered {error.response.status_code}" if isinstance(error, httpx.HTTPStatusError) else "does not answer"
    return f"{url} {answered} ({type(error).__name__}), so what is left there is not known"
