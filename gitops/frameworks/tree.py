"""A checkout as detection reads it: plain files of bounded size, and nothing that leads out of it."""

import json
import os
import stat
import tomllib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring

from gitops.release.errors import RefusedError

FILE_LIMIT = 2**20
BYTES, FILES = 512 * 2**20, 100_000
"""What a checkout may be at most."""
DEPTH = 8
"""How deep detection looks for files by their names."""
SKIPPED = frozenset({".git", "node_modules", ".venv", "venv", "__pycache__", "vendor", "target", "dist", "build", ".next"})


class Tree:
    """The files below a folder of a checkout."""

    def __init__(self, source: Path, path: str = ".") -> None:
        """`path`: the application's folder in the checkout. Raises RefusedError where it leads out of it."""
        parts = PurePosixPath(path).parts
        if PurePosixPath(path).is_absolute() or ".." in parts:
            raise RefusedError(f"--path is {path[:200]!r}; expected a folder of the checkout, such as services/shop")
        self.path = PurePosixPath(*parts).as_posix()
        self._source = source
        if not self._is_folder(self.path):
            raise RefusedError(f"--path is {path[:200]!r}; expected a folder of the checkout, and no link")

    def has(self, name: str) -> bool:
        """Whether there is a file. Raises RefusedError where it is a link, or something else that is not read."""
        return self._found(name) is not None

    def text(self, name: str) -> str:
        """The text of a file, empty where there is none; without a byte order mark, with plain line ends.

        Raises RefusedError where it is a link, too large, or not in UTF-8.
        """
        file = self._found(name)
        if file is None:
            return ""
        try:
            with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as opened:
                content = opened.read(FILE_LIMIT + 1)
        except OSError as error:
            raise RefusedError(f"{name} cannot be read: {error.strerror}; expected a plain file") from None
        if len(content) > FILE_LIMIT:
            raise RefusedError(f"{name} has more than {FILE_LIMIT} bytes; expected at most that many in a file that says how to build")
        try:
            return content.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            raise RefusedError(f"{name} is not in UTF-8 (byte {error.start}); expected text. Next: save it as UTF-8") from None

    def json(self, name: str) -> dict[str, Any]:
        """A JSON object; empty where there is no such file. Raises RefusedError where it is none."""
        return self._object(name, json.loads, "JSON")

    def toml(self, name: str) -> dict[str, Any]:
        """A TOML document; empty where there is no such file. Raises RefusedError where it is none."""
        return self._object(name, tomllib.loads, "TOML")

    def xml(self, name: str) -> Element | None:
        """An XML document without entities of its own; None where there is no such file. Raises RefusedError where it is none."""
        text = self.text(name)
        if not text:
            return None
        if "<!" in text.replace("<!--", "").replace("<![CDATA[", ""):
            raise RefusedError(f"{name} declares a document type; expected a document without one, since it could make entities")
        try:
            return fromstring(text)
        except (ParseError, RecursionError, ValueError) as error:
            raise RefusedError(f"{name} is not valid XML: {str(error)[:200]}") from None

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The plain files of the application down to a depth, sorted; what is built or installed is left out."""
        return tuple(sorted(self._walk(self._source / self.path, "", DEPTH)))

    def folders(self) -> list[str]:
        """Folders in which an application may lie, for `--path`."""
        found = {PurePosixPath(name).parent.as_posix() for name in self.files if PurePosixPath(name).name in MARKS}
        return sorted(found - {"."})

    def below(self, path: str) -> "Tree":
        """The same checkout, for another folder."""
        return Tree(self._source, (PurePosixPath(self.path) / path).as_posix())

    def _object(self, name: str, read: Any, kind: str) -> dict[str, Any]:
        text = self.text(name)
        if not text:
            return {}
        try:
            found = read(text)
        except (ValueError, RecursionError) as error:
            raise RefusedError(f"{name} is not valid {kind}: {str(error)[:200] or type(error).__name__}") from None
        if not isinstance(found, dict):
            raise RefusedError(f"{name} holds no object; expected one, as {kind} files of that name have")
        return found

    def _found(self, name: str) -> Path | None:
        """The file of a name. Raises RefusedError where a part of its path is a link."""
        parts = [*PurePosixPath(self.path).parts, *PurePosixPath(name).parts]
        place = self._source
        for number, part in enumerate(parts, start=1):
            place = place / part
            try:
                mode = place.lstat().st_mode
            except OSError:
                return None
            if stat.S_ISLNK(mode):
                raise RefusedError(f"{name} is a symbolic link; expected a plain file. Next: commit the file itself")
            if number == len(parts) and not stat.S_ISREG(mode):
                return None
        return place

    def _is_folder(self, path: str) -> bool:
        place = self._source
        for part in PurePosixPath(path).parts:
            place = place / part
            if place.is_symlink() or not place.is_dir():
                return False
        return True

    def _walk(self, folder: Path, below: str, depth: int) -> Iterator[str]:
        with os.scandir(folder) as entries:
            for entry in entries:
                name = f"{below}{entry.name}"
                if entry.is_file(follow_symlinks=False):
                    yield name
                elif entry.is_dir(follow_symlinks=False) and depth > 1 and entry.name not in SKIPPED:
                    yield from self._walk(Path(entry.path), f"{name}/", depth - 1)


MARKS = frozenset(
    {
        "Dockerfile",
        "requirements.txt",
        "pyproject.toml",
        "package.json",
        "pom.xml",
        "build.gradle",
        "build.gradle.kts",
        "go.mod",
        "index.html",
    }
)
"""Files that an application begins with."""


def require_small(source: Path) -> None:
    """Raise RefusedError where a checkout is too large to be read and built."""
    size = count = 0
    for folder, _, names in os.walk(source):
        for name in names:
            size += Path(folder, name).lstat().st_size
        count += len(names)
        if size > BYTES or count > FILES:
            raise RefusedError(
                f"The checkout has more than {size / 2**20:.0f} MiB in {count} files; expected at most {BYTES // 2**20} MiB in {FILES}.\n"
                "Next: keep what is that large elsewhere, such as in a package registry."
            )
