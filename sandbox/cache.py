"""Where the sandbox keeps what it builds and runs: one folder a user."""

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""


def cache() -> Path:
    """The per-user cache: `$SLIPWAY_CACHE`, or `slipway` in `$XDG_CACHE_HOME` (by default `~/.cache`)."""
    explicit = os.environ.get("SLIPWAY_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    path = Path(explicit) if explicit else Path(base) / "slipway"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path.resolve()


@contextmanager
def lock(name: str, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock of this name, waiting for another run that has it; shared ones wait for none of their kind.

    The kernel frees the lock of a killed run, and children do not inherit it.
    """
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    with (cache() / f"{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            click.echo(f"  another run holds the lock '{name}': waiting until it ends", err=True)
            fcntl.flock(file, kind)
        yield


@contextmanager
def unused(name: str) -> Iterator[bool]:
    """Whether nobody holds the lock of this name; nobody gets it while the block runs. Does not wait."""
    with (cache() / f"{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def write(file: Path, text: str) -> None:
    """Write a file that only this user may read; a kill leaves the old one or the new one whole."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.part")
    part.touch(mode=0o600)
    part.write_text(text)
    part.replace(file)


def digest(parts: Iterable[str | Path]) -> str:
    """Twelve hexadecimal digits that change when a text, or a file below a folder, changes (its name, content or mode)."""
    hasher = hashlib.sha256()
    for part in parts:
        files = sorted(path for path in part.rglob("*") if path.is_file()) if isinstance(part, Path) and part.is_dir() else [part]
        for file in files:
            if isinstance(file, str):
                hasher.update(f"text {file}\0".encode())
            elif "__pycache__" not in file.parts:
                hasher.update(f"file {file.name} {file.stat().st_mode & 0o111}\0".encode())
                hasher.update(hashlib.sha256(file.read_bytes()).digest())
    return hasher.hexdigest()[:12]
