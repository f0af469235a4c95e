"""Files that are put into a container before it starts."""

import io
import tarfile
import time
from base64 import b64decode
from pathlib import Path

from sandbox.providers.plugin import Properties

_MODE, _EXECUTABLE = 0o644, 0o744


def archive(uploads: list[Properties]) -> bytes:
    """Return the files as a tar archive, to be unpacked at the container's root. Raises ValueError on a file without content."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for upload in uploads:
            content = _content(upload)
            entry = tarfile.TarInfo(upload["file"].lstrip("/"))
            entry.size, entry.mode, entry.mtime = len(content), _mode(upload), time.time()
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _content(upload: Properties) -> bytes:
    if upload.get("contentBase64") is not None:
        return b64decode(upload["contentBase64"])
    if upload.get("source"):
        return Path(upload["source"]).read_bytes()
    if upload.get("content") is None:
        raise ValueError(f"the upload of {upload['file']} has no content: expected one of content, contentBase64 and source")
    return str(upload["content"]).encode()


def _mode(upload: Properties) -> int:
    if upload.get("permissions"):
        return int(upload["permissions"], 8)
    return _EXECUTABLE if upload.get("executable") else _MODE
