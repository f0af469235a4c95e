"""Secrets of a build, and what is written instead of them: https://plugins.jenkins.io/credentials-binding."""

import base64
import re
import shlex
import threading
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

STARS = "****"
SHORTEST_LINE = 4
"""Shorter lines of a secret of several, such as a lone bracket, give nothing away; masked, they would make logs unreadable."""
SHORTEST_PART = 6
"""Shorter parts of an encoded text occur by chance."""
LONGEST_PENDING = 1 << 16


class Masks:
    """What may not be written. Safe for all branches of a build at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forms: set[str] = set()
        self._state: tuple[re.Pattern[str] | None, int] = (None, 0)

    def add(self, *secrets: str) -> None:
        """Mask these from now on; empty ones are left out."""
        with self._lock:
            self._forms.update(form for secret in secrets if secret for form in _forms(secret))
            longest_first = sorted(self._forms, key=lambda form: (-len(form), form))
            if longest_first:
                self._state = re.compile("|".join(map(re.escape, longest_first))), len(longest_first[0])

    def hide(self, text: str) -> str:
        """Return the text without secrets."""
        pattern, _ = self._state
        return pattern.sub(STARS, text) if pattern else text

    def split(self, text: str) -> tuple[str, str]:
        """Return the longest beginning that no text to come can change, without secrets, and the rest, as it is."""
        pattern, longest = self._state
        if pattern is None:
            return text, ""
        cut, done, parts = len(text) - longest + 1, 0, []
        for match in pattern.finditer(text):
            if match.start() >= cut:
                break
            parts += [text[done : match.start()], STARS]
            done = match.end()
        end = max(cut, done)
        return "".join([*parts, text[done:end]]), text[end:]


class Stream:
    """Text that comes in pieces: gives what may be written of it, whole lines if they are not overlong.

    No form of a secret goes over the end of a line, so that a line can be judged alone.
    """

    def __init__(self, masks: Masks) -> None:
        self._masks, self._pending = masks, ""

    def feed(self, text: str) -> str:
        """Take a piece; return what can be written by now."""
        lines, end, self._pending = (self._pending + text).rpartition("\n")
        ready = self._masks.hide(lines) + end
        if len(self._pending) > LONGEST_PENDING:
            begun, self._pending = self._masks.split(self._pending)
            ready += begun
        return ready

    def end(self) -> str:
        """Return the rest."""
        rest, self._pending = self._pending, ""
        return self._masks.hide(rest)


def _forms(secret: str) -> Iterator[str]:
    yield from _encoded(secret)
    lines = [line.strip() for line in re.split(r"[\r\n]", secret) if line.strip()]
    whole = secret if len(re.split(r"[\r\n]", secret)) == 1 else None
    long = [line for line in lines if len(line) >= SHORTEST_LINE] or lines
    for part in [whole] if whole is not None else long:
        yield from _encoded(part)
        yield from _quoted(part)


def _quoted(secret: str) -> Iterator[str]:
    """The secret as it is, and as shells show it: `set -x`, `printf %q`, within quotation marks."""
    yield secret
    yield shlex.quote(secret)[1:-1] if "'" in secret else secret
    yield secret.replace("'", "'\\''")
    yield re.sub(r'(["$`\\])', r"\\\1", secret)
    yield re.sub(r"([^\w@%+=:,./-])", r"\\\1", secret)


def _encoded(secret: str) -> Iterator[str]:
    data = secret.encode(errors="surrogatepass")
    for encoded in (quote(data), quote(data, safe=""), quote_plus(data)):
        yield encoded
        yield re.sub("%..", lambda match: match[0].lower(), encoded)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(data).decode()
        for shift in range(3):
            # As part of a longer text: without the characters that depend on what stands before and after.
            part = encode(b"\0" * shift + data).decode()[(shift * 8 + 5) // 6 : (shift + len(data)) * 8 // 6]
            if len(part) >= SHORTEST_PART:
                yield part
