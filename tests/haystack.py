"""Looks for secrets in anything: plain, encoded in base64 at any position, quoted in a URL or escaped in JSON."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus

SHORTEST = 12
"""Characters of the shortest text that is taken for a secret: a shorter one is found anywhere."""


def forms(secret: str) -> set[bytes]:
    """Every form of a secret that a search must know. Of a text of several lines (a key in PEM) each line counts for itself.

    Raises ValueError for a text that is too short to be told from others.
    """
    lines = [line for line in secret.splitlines() if not line.startswith("-----")] if "\n" in secret else [secret]
    long = [line.strip() for line in lines if len(line.strip()) >= SHORTEST]
    if not long:
        raise ValueError(f"a secret of {len(secret)} characters is too short to be looked for: expected {SHORTEST}")
    return {form for line in long for form in _forms(line)}


def _forms(text: str) -> Iterator[bytes]:
    yield text.encode()
    yield quote(text, safe="").encode()
    yield quote_plus(text).encode()
    yield json.dumps(text)[1:-1].encode()
    for encode in (b64encode, urlsafe_b64encode):
        for before in range(3):
            # What precedes and follows the text shares a character with it: those in between are its own.
            encoded = encode(bytes(before) + text.encode())
            yield encoded[-(-before * 8 // 6) : (before + len(text.encode())) * 8 // 6]


class Needles:
    """Secrets by name, in all their forms."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._forms = {name: forms(secret) for name, secret in secrets.items()}

    def __len__(self) -> int:
        return len(self._forms)

    def found(self, haystack: str | bytes) -> list[str]:
        """The names of the secrets that are in the text."""
        text = haystack.encode() if isinstance(haystack, str) else haystack
        return sorted(name for name, several in self._forms.items() if any(form in text for form in several))

    def places(self, haystacks: Iterable[tuple[str, str | bytes]]) -> list[str]:
        """A line for each secret in each place where it is, such as `webhook in the log of GitLab`; never the secret itself."""
        return [f"{name} in {place}" for place, text in haystacks for name in self.found(text)]


def plant(text: str) -> Iterator[tuple[str, str]]:
    """Texts that hide another one, by the way in which they do: what a search must find."""
    ways: dict[str, Callable[[str], str]] = {
        "plain": lambda each: f"password={each};",
        "JSON": lambda each: json.dumps({"a": [each]}),
        "URL": lambda each: f"https://user:{quote(each, safe='')}@host/",
        "form": lambda each: f"a=b&token={quote_plus(each)}&c",
        **{f"base64 after {n}": lambda each, n=n: b64encode(f"{'x' * n}{each}yz".encode()).decode() for n in range(4)},  # type: ignore[misc]
        **{f"URL base64 after {n}": lambda each, n=n: urlsafe_b64encode(f"{'x' * n}{each}".encode()).decode() for n in range(4)},  # type: ignore[misc]
    }
    for way, hide in ways.items():
        yield way, hide(text)
