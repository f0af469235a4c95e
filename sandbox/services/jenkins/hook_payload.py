"""Reads what GitLab sent. Anybody may send anything: a field of another type counts as missing, numbers count as text and back."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sandbox.services.jenkins.errors import HttpError


class Payload:
    """A JSON object, or what stands for one that is not there."""

    def __init__(self, value: Any) -> None:
        self._fields: Mapping[str, Any] = value if isinstance(value, dict) else {}
        self.given = isinstance(value, dict)

    def text(self, name: str) -> str | None:
        """Return a field as text, or None."""
        value = self._fields.get(name)
        if isinstance(value, bool):
            return str(value).lower()
        return _storable(str(value)) if isinstance(value, str | int | float) else None

    def number(self, name: str) -> int | None:
        """Return a field as a number, or None."""
        text = self.text(name)
        return int(text) if text is not None and text.isascii() and text.lstrip("-").isdecimal() and len(text) < 12 else None

    def flag(self, name: str) -> bool:
        """Return a field as a truth value; False if it is missing."""
        return self._fields.get(name) is True

    def at(self, *names: str) -> "Payload":
        """Return the object below these names."""
        value: Any = self._fields
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        return Payload(value)

    def each(self, name: str) -> list["Payload"]:
        """Return the objects of a list."""
        value = self._fields.get(name)
        return [Payload(each) for each in value if isinstance(each, dict)] if isinstance(value, list) else []

    def needed(self, name: str) -> str:
        """Return a field as text; raises HttpError 400 if it is missing."""
        text = self.text(name)
        if text is None:
            raise HttpError(400, f"the hook lacks {name}, expected it as GitLab sends it")
        return text


def parse(body: bytes) -> Payload | None:
    """Return the object in `body`, or None if there is none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return Payload(value) if isinstance(value, dict) else None


def _storable(text: str) -> str:
    """Half a surrogate pair and a NUL are JSON, yet neither a file nor a variable can hold them."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def namespace_of(hook: Payload) -> str:
    """Return the namespace that a push names; without one it is told by the repository's URL, by the plugin's own rule."""
    if hook.at("project").given:
        return hook.at("project").needed("namespace")
    try:
        path = urlsplit(hook.at("repository").text("git_http_url") or "").path
    except ValueError:
        path = ""
    if not path:
        raise HttpError(400, "the hook lacks project, and repository.git_http_url is no URL; expected one as GitLab sends it")
    return path.replace("/", "", 1)[: path.rfind("/")]
