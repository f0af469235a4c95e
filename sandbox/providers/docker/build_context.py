"""What a build reads of this machine: the files of its context, as .dockerignore leaves them, and the Dockerfile."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sandbox.providers.plugin import Properties

_IGNORE = ".dockerignore"


@dataclass(frozen=True)
class BuildContext:
    """`paths` are relative to `root`. `dockerfile` is its name in the context; `outside` its text where it lies elsewhere."""

    root: Path
    paths: tuple[str, ...]
    dockerfile: str
    outside: str | None

    def digest(self) -> str:
        """Return what changes when a file is changed, added, removed, renamed or made executable, or another Dockerfile is named."""
        found = hashlib.sha256((self.outside or f"named {self.dockerfile}").encode())
        for path in self.paths:
            found.update(f"\0{path}\0{_content(self.root / path)}".encode())
        return found.hexdigest()

    def archive(self) -> IO[bytes]:
        """Return the context as the daemon takes it: a tar archive in a file that goes when it is closed."""
        from docker.utils.build import create_archive

        extra = [] if self.outside is None else [(self.dockerfile, self.outside)]
        file = tempfile.TemporaryFile()  # noqa: SIM115, the caller closes it
        create_archive(str(self.root), list(self.paths), file, extra_files=extra)
        return file


def find(build: Properties) -> BuildContext:
    """Return the context that the inputs name; relative paths are the program's. Raises ValueError where there is none."""
    root = Path(build.get("context") or ".").absolute()
    dockerfile = Path(build.get("dockerfile") or root / "Dockerfile").absolute()
    if not root.is_dir():
        raise ValueError(f"the build context {root} is no folder: expected one on this machine, as an absolute or a relative path")
    if not dockerfile.is_file():
        raise ValueError(f"there is no Dockerfile {dockerfile}: name it with `dockerfile`, whose path is not relative to the context")
    inside = os.path.relpath(dockerfile, root)
    if inside.startswith(".."):
        text = dockerfile.read_text()
        name = f".dockerfile.{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        return BuildContext(root, _paths(root, dockerfile, name), name, text)
    return BuildContext(root, _paths(root, dockerfile, inside), inside, None)


def _paths(root: Path, dockerfile: Path, name: str) -> tuple[str, ...]:
    from docker.utils.build import exclude_paths

    return tuple(sorted(exclude_paths(str(root), _ignored(root, dockerfile), dockerfile=name)))


def _ignored(root: Path, dockerfile: Path) -> list[Any]:
    """Return the patterns of what is left out; a Dockerfile may have its own. https://docs.docker.com/build/concepts/context/#dockerignore-files"""
    own = dockerfile.with_name(dockerfile.name + _IGNORE)
    file = own if own.is_file() else root / _IGNORE
    lines = file.read_text().splitlines() if file.is_file() else []
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _content(path: Path) -> str:
    if path.is_symlink():
        return f"link {path.readlink()}"
    if not path.is_file():
        return "folder"
    with path.open("rb") as file:
        return f"{'program' if os.access(path, os.X_OK) else 'file'} {hashlib.file_digest(file, 'sha256').hexdigest()}"
