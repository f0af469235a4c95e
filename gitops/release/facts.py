"""What a release is told: checked before anything is asked of anybody, every problem at once."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from gitops.release.errors import RefusedError

# https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
REPOSITORY = re.compile(rf"(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]{{1,5}})?/)?{_COMPONENT}(?:/{_COMPONENT})*")
TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+")
FRAMEWORK = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?")
COMMIT = re.compile(r"[0-9a-f]{7,64}")
AUTHOR = re.compile(r"(?P<name>[^<>\x00-\x1f\x7f]{1,100}) <(?P<email>[^<>\s\x00-\x1f\x7f]{1,200})>")

RISK = re.compile(r"[^\x00-\x1f\x7f]{3,250}")

FORMS: dict[str, tuple[re.Pattern[str], str]] = {
    "image": (REPOSITORY, "an image name without tag, such as registry.example.com/acme/shop"),
    "tag": (TAG, "a tag, such as v1.2.3"),
    "digest": (DIGEST, "sha256: and 64 hexadecimal digits"),
    "host": (HOST, "a lower-case DNS name, such as shop.example.com"),
    "framework": (FRAMEWORK, "a lower-case word, such as flask"),
    "source": (COMMIT, "a commit id"),
    "author": (AUTHOR, "Name <mail address>"),
    "risk": (RISK, "a reason of 3 to 250 characters, on one line"),
}
"""What a text must be, and how that is said."""


def unfit(options: Mapping[str, tuple[str, str | None]]) -> Iterator[str]:
    """A sentence for each option whose value has not its form; an option is given with the form's name and its value, None passes."""
    for option, (form, value) in options.items():
        pattern, expected = FORMS[form]
        if value is not None and (not pattern.fullmatch(value) or len(value) > 253):
            yield f"{option} is {value[:80]!r}; expected {expected}"


def refuse(problems: Iterable[str]) -> None:
    """Raise RefusedError with these problems, if there are any."""
    if told := "".join(f"\n  {problem}" for problem in problems):
        raise RefusedError(f"The release is not valid; nothing was written:{told}")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One version of an application, as its build tells it.

    image: repository without tag. tag: its tag, the version. digest: `sha256:...`, pins the image. host: DNS name. port: of the container.
    framework: what the build detected. source: commit of the source code. build: URL of the build. built_at: RFC 3339 time at which the
    build began: an earlier build never replaces a later one. author: `Name <mail>` of who caused it.
    """

    image: str
    tag: str
    digest: str | None = None
    host: str | None = None
    port: int | None = None
    framework: str | None = None
    source: str | None = None
    build: str | None = None
    built_at: str | None = None
    author: str | None = None

    def check(self) -> None:
        """Raise RefusedError with every problem."""
        refuse(self._problems())

    def _problems(self) -> Iterator[str]:
        yield from unfit({f"--{form}": (form, getattr(self, form)) for form in FORMS if form != "risk"})
        if self.port is not None and not 0 < self.port < 65536:
            yield f"--port is {self.port}; expected 1 to 65535"
        if self.build is not None and not _is_link(self.build):
            yield f"--build is {re.sub('//[^/@]*@', '//***@', self.build[:80])!r}; expected an http(s) URL without credential"
        if self.built_at is not None and moment(self.built_at) is None:
            yield f"--built-at is {self.built_at[:80]!r}; expected a time with its zone, such as 2026-01-31T12:00:00Z"


def moment(text: object) -> datetime | None:
    """The time that an RFC 3339 text means, in UTC; None where it is none or has no zone."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None


def _is_link(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and not parts.username
        and len(url) <= 2000
        and bool(re.fullmatch(r"[!-~]+", url))
    )
