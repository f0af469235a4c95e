"""A plan: how one application is built and started, as data."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from gitops.release.errors import RefusedError
from gitops.release.facts import FRAMEWORK

OWN = "dockerfile"
"""The framework of a repository that brings its own Dockerfile."""
# A path below the checkout as a Dockerfile may name it: nothing that it, or a shell, reads otherwise.
NAME = re.compile(r"(?!-)(?!.*(^|/)\.\.(/|$))[A-Za-z0-9_.@+-][A-Za-z0-9_.@+/-]{0,199}")
LIMIT = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Plan:
    """framework: what it was taken for. language, version: what it is written in. package_manager, lock_file: what installs what it needs,
    and the file that pins that. start: the command of the image. test: the command of its own tests; None where it has none. port: that it
    listens on. path: its folder in the checkout. tests: whether the Dockerfile has a stage `test`. more: what the framework's Dockerfile
    needs beside."""

    framework: str
    port: int
    path: str = "."
    language: str | None = None
    version: str | None = None
    package_manager: str | None = None
    lock_file: str | None = None
    start: tuple[str, ...] = ()
    test: tuple[str, ...] | None = None
    tests: bool = False
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_tests(self) -> bool:
        """Whether there is a stage `test` to build."""
        return self.tests or self.test is not None

    def to_json(self) -> str:
        """The plan as JSON text."""
        return json.dumps(asdict(self), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        """The plan that a JSON text holds. Raises RefusedError where it holds none: the text need not be ours."""
        try:
            known = json.loads(text) if len(text) <= LIMIT else None
        except (ValueError, RecursionError):
            known = None
        if not isinstance(known, dict) or not _fits(known):
            raise RefusedError("This is no plan; expected what `slipway release detect --plan FILE` writes. Next: run that again")
        for name in ("start", "test"):
            if known.get(name) is not None:
                known[name] = tuple(known[name])
        return cls(**known)

    def __str__(self) -> str:
        told = {
            "framework": self.framework,
            "language": " ".join(filter(None, [self.language, self.version])),
            "packages": " ".join(filter(None, [self.package_manager, f"({self.lock_file})" if self.lock_file else None])),
            "start": " ".join(self.start),
            "test": " ".join(self.test) if self.test else ("its Dockerfile's stage `test`" if self.tests else "none"),
            "port": str(self.port),
            "path": self.path,
        }
        return "\n".join(f"{name:<10} {value}" for name, value in told.items() if value)


def _fits(known: Mapping[str, Any]) -> bool:
    texts = [known.get(name) for name in ("language", "version", "package_manager", "lock_file")]
    return (
        known.keys() <= {each.name for each in fields(Plan)}
        and isinstance(known.get("framework"), str)
        and bool(FRAMEWORK.fullmatch(known["framework"]))
        and _is_port(known.get("port"))
        and isinstance(known.get("path", "."), str)
        and (known.get("path", ".") == "." or bool(NAME.fullmatch(known["path"])))
        and all(text is None or (isinstance(text, str) and len(text) <= 200) for text in texts)
        and _are_words(known.get("start", []))
        and (known.get("test") is None or _are_words(known["test"]))
        and isinstance(known.get("tests", False), bool)
        and isinstance(known.get("more", {}), dict)
        and all(isinstance(value, str) for value in known.get("more", {}).values())
    )


def _is_port(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65536


def _are_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)
