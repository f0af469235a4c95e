"""The packages of an image, from its layers: Debian's, Python's and npm's."""

import json
import re
import tarfile
import tempfile
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from email.parser import Parser

Package = tuple[str, str, str]
"""Ecosystem, name, version."""
Layer = AbstractContextManager[Iterable[bytes]]
WANTED = re.compile(
    r"var/lib/dpkg/status(?:\.d/[^/]+)?|(?:.*/)?[^/]+\.dist-info/METADATA|(?:.*/)?node_modules/(?:@[^/]+/)?[^/]+/package\.json"
)
LARGEST = 64 << 20  # bytes of one file; more is no list of packages
WHITEOUT, OPAQUE = ".wh.", ".wh..wh..opq"


def packages(layers: Iterable[Callable[[], Layer]]) -> set[Package]:
    """Return the packages in `layers`, the lowest first, each a function that opens its (compressed) tar archive.

    Raises ValueError for a layer that is no archive of a kind that Python reads: one compressed by zstd, say.
    """
    files: dict[str, bytes] = {}
    for layer in layers:
        with tempfile.TemporaryFile() as archive, layer() as chunks:
            for chunk in chunks:
                archive.write(chunk)
            archive.seek(0)
            try:
                with tarfile.open(fileobj=archive, mode="r:*") as opened:
                    _apply(opened, files)
            except (tarfile.TarError, EOFError, OSError) as error:
                raise ValueError(f"a layer cannot be read: {error}") from None
    return {package for name, content in files.items() for package in _found(name, content.decode(errors="replace"))}


def _apply(layer: tarfile.TarFile, files: dict[str, bytes]) -> None:
    """Put a layer over the files of those below: https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#whiteouts."""
    new: dict[str, bytes] = {}
    for entry in layer:
        name = entry.name.removeprefix("./").lstrip("/")
        folder, _, base = name.rpartition("/")
        if base == OPAQUE:
            _drop(files, folder)
        elif base.startswith(WHITEOUT):
            _drop(files, f"{folder}/{base.removeprefix(WHITEOUT)}".lstrip("/"))
        elif entry.isfile() and entry.size <= LARGEST and WANTED.fullmatch(name) and (content := layer.extractfile(entry)):
            new[name] = content.read()
    files |= new


def _drop(files: dict[str, bytes], path: str) -> None:
    for name in [name for name in files if name == path or name.startswith(f"{path}/") or not path]:
        del files[name]


def _found(name: str, text: str) -> Iterable[Package]:
    if name.startswith("var/lib/dpkg/"):
        for paragraph in text.split("\n\n"):
            fields = Parser().parsestr(paragraph.strip(), headersonly=True)
            gone = "Status" in fields and not fields["Status"].endswith(" installed")
            if fields["Package"] and fields["Version"] and not gone:
                yield "deb", fields["Package"], fields["Version"]
    elif name.endswith("/METADATA"):
        fields = Parser().parsestr(text, headersonly=True)
        if fields["Name"] and fields["Version"]:
            yield "python", re.sub(r"[-_.]+", "-", fields["Name"]).lower(), fields["Version"]
    else:
        yield from _npm(text)


def _npm(text: str) -> Iterable[Package]:
    try:
        content = json.loads(text)
    except ValueError:
        return
    if isinstance(content, dict) and isinstance(content.get("name"), str) and isinstance(content.get("version"), str):
        yield "npm", content["name"], content["version"]
