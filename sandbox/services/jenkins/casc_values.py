"""Variables in JCasC's texts, replaced as its SecretSourceResolver does: `${NAME}`, `${NAME:-default}`, `${readFile:PATH}`, `^${text}`."""

import base64
import binascii
import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

LOG = logging.getLogger(__name__)
Lookup = Callable[[str], str | None]


class CascError(ValueError):
    """The configuration is wrong. The message names the place and never a secret."""


class Resolver:
    """Replaces variables: by files below `secrets`, then by `environment`. With `strict`, an unknown one is an error, not empty."""

    def __init__(self, secrets: Path, environment: Mapping[str, str], *, strict: bool = False) -> None:
        self._secrets, self._environment, self._strict = secrets, environment, strict

    def resolve(self, text: str) -> str:
        """Return `text` with its variables replaced; raises CascError for one that refers to itself, or cannot be read."""
        if "${" not in text:
            return text
        known = _replace(text, self._lookup, nested=True, keep_escapes=True, within=())
        return _replace(known, self._unknown, nested=False, keep_escapes=False, within=())

    def _lookup(self, key: str) -> str | None:
        function, colon, argument = key.partition(":")
        if colon and function.lower() in FUNCTIONS:
            value = FUNCTIONS[function.lower()](argument)
            if value is not None:
                return value
        return self._secret(key) if key.strip() else None

    def _secret(self, key: str) -> str | None:
        file = self._secrets / key
        try:
            if file.is_file():
                return file.read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise CascError(f"the secret file {key!r} cannot be read: {type(error).__name__}") from None
        return self._environment.get(key)

    def _unknown(self, key: str) -> str:
        if self._strict:
            raise CascError(f"unable to resolve variable {key!r}: no such file among the secrets, and not in the environment")
        LOG.warning("Configuration import: Found unresolved variable '%s'. Will default to empty string", key)
        return ""


def _read(path: str) -> str | None:
    content = _read_bytes(path)
    return None if content is None else content.decode(errors="replace")


def _read_bytes(path: str) -> bytes | None:
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError):
        LOG.warning("Configuration import: Error looking up file '%s'. Will default to empty string", path)
        return None


def _encoded_file(path: str) -> str | None:
    content = _read_bytes(path)
    return None if content is None else base64.b64encode(content).decode()


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        raise CascError("${decodeBase64:...} has a value that is not base64 of UTF-8 text") from None


def _field(argument: str) -> str:
    name, _, text = argument.partition(":")
    try:
        value = json.loads(text).get(name)
    except (ValueError, AttributeError):
        raise CascError(f"${{json:{name}:...}} has a value that is not a JSON object") from None
    if value is None:
        LOG.warning("Configuration import: JSON secret did not contain the specified key '%s'. Will default to empty string.", name)
    return "" if value is None else str(value)


# sysProp is missing: there are no system properties here.
FUNCTIONS: dict[str, Lookup] = {
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "decodebase64": _decoded,
    "file": _read,
    "readfile": _read,
    "filebase64": _encoded_file,
    "readfilebase64": _encoded_file,
    "json": _field,
    "trim": str.rstrip,
}


def _replace(text: str, lookup: Lookup, *, nested: bool, keep_escapes: bool, within: tuple[str, ...]) -> str:
    """Commons Text's StringSubstitutor with `^` as escape: what is replaced is looked through again."""
    out, position = "", 0
    while position < len(text):
        start = text.find("${", position)
        if start < 0:
            break
        out, position = out + text[position:start], start
        if out.endswith("^"):
            out, position = (out if keep_escapes else out[:-1]) + "$", position + 1
            continue
        end = _end(text, position + 2, nested)
        if end is None:
            return out + text[position:]
        expression = text[position + 2 : end]
        if nested:
            expression = _replace(expression, lookup, nested=nested, keep_escapes=keep_escapes, within=within)
        name, _, default = expression.partition(":-")
        if name in within:
            raise CascError(f"the variable {name!r} refers to itself")
        value = lookup(name)
        if value is None and ":-" in expression:
            value = default
        if value is None:
            out += text[position : end + 1]
        else:
            out += _replace(value, lookup, nested=nested, keep_escapes=keep_escapes, within=(*within, name))
        position = end + 1
    return out + text[position:]


def _end(text: str, position: int, nested: bool) -> int | None:
    """Return where the variable that began before `position` ends."""
    depth = 0
    while position < len(text):
        if nested and text.startswith("${", position):
            depth, position = depth + 1, position + 2
            continue
        if text[position] == "}":
            if depth == 0:
                return position
            depth -= 1
        position += 1
    return None
