"""The folder of files: written as the objects say, and emptied of what no object has any more."""

import base64
import json
import logging
import os
from collections.abc import Iterable
from pathlib import Path

from .kube import Object

log = logging.getLogger(__name__)

MARK = ".k8s-sidecar.json"
"""Names of the files that are ours: what the init container or a process before this one wrote goes with its object, nothing else does."""


def contents(objects: Iterable[Object]) -> dict[str, bytes]:
    """Text by file name, of ConfigMaps and Secrets. Where two objects have the same name for a file, the later one in their order wins."""
    found: dict[str, bytes] = {}
    # Lists leave `kind` out: of the two, Secrets have a type, and their data in base64.
    for item in sorted(objects, key=lambda each: (each["metadata"]["namespace"], each["metadata"]["name"], "type" in each)):
        plain, encoded = ("", "data") if "type" in item else ("data", "binaryData")
        found |= {name: text.encode() for name, text in (item.get(plain) or {}).items()}
        found |= {name: base64.b64decode(text) for name, text in (item.get(encoded) or {}).items()}
    return found


class Folder:
    """The files in one folder, which is made where it is missing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.mkdir(parents=True, exist_ok=True)

    def apply(self, wanted: dict[str, bytes]) -> bool:
        """Write what differs, each file at once or not at all, and remove what is ours and not wanted. Returns whether anything changed."""
        ours = self._ours()
        different = [name for name, content in wanted.items() if self._read(name) != content]
        gone = [name for name in sorted(ours - wanted.keys()) if (self._path / name).exists()]
        if ours != wanted.keys():
            self._write(MARK, json.dumps(sorted(ours | wanted.keys())).encode())  # before they exist: a killed process forgets none
        for name in different:
            self._write(name, wanted[name])
            log.info("wrote %s", name)
        for name in gone:
            (self._path / name).unlink(missing_ok=True)
            log.info("removed %s", name)
        if ours - wanted.keys():
            self._write(MARK, json.dumps(sorted(wanted)).encode())
        return bool(different or gone)

    def _ours(self) -> set[str]:
        try:
            return set(json.loads((self._path / MARK).read_text()))
        except (FileNotFoundError, json.JSONDecodeError):
            return set()

    def _read(self, name: str) -> bytes | None:
        try:
            return (self._path / name).read_bytes()
        except FileNotFoundError:
            return None

    def _write(self, name: str, content: bytes) -> None:
        part = self._path / f".{name}.part"
        part.write_bytes(content)
        os.replace(part, self._path / name)  # noqa: PTH105, as `part.replace`, and said to be atomic
