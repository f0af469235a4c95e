"""What each step of a job leaves behind for people: its result, its reason and its time, as a file in the folder SLIPWAY_REPORTS.

The folder is shared with the container that runs tenants' code: nothing in it is followed where it is a link, and nothing read from it is
believed beyond its form.
"""

import json
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from gitops.release.errors import ReleaseError, UnhealthyError

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
RESULTS = (PASSED, FAILED, SKIPPED)
SIZE_LIMIT = 2**20


@dataclass(kw_only=True)
class Step:
    """One step while it runs. summary: what came of it, in one line. result: becomes `failed` where it ends with an error.
    details: further data for programs; no secrets."""

    step: str
    result: str = PASSED
    summary: str = ""
    began: str = ""
    ended: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    def skip(self, why: str) -> None:
        """There was nothing to do."""
        self.result, self.summary = SKIPPED, why

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (datetime.fromisoformat(self.ended) - datetime.fromisoformat(self.began)).total_seconds()


@contextmanager
def step(name: str) -> Iterator[Step]:
    """A step whose report is written at its end, also where it fails; without SLIPWAY_REPORTS nothing is written."""
    current = Step(step=name, began=_now())
    try:
        yield current
    except BaseException as error:
        current.result = FAILED
        current.summary = _reason(error)
        current.details["exit_code"] = int(error.exit_code) if isinstance(error, ReleaseError) else 1
        raise
    finally:
        current.ended = _now()
        if folder := os.environ.get("SLIPWAY_REPORTS"):
            save(Path(folder), f"{name}.json", json.dumps(asdict(current), indent=2))


def read(folder: Path, names: tuple[str, ...]) -> dict[str, Step]:
    """The reports of these steps, as far as they are there and have the form of one."""
    found: dict[str, Step] = {}
    for name in names:
        with suppress(ValueError, TypeError, OSError, RecursionError):
            report = Step(**json.loads(load(folder, f"{name}.json")))
            texts = (report.result, report.summary, report.began, report.ended)
            if report.step == name and report.result in RESULTS and all(isinstance(each, str) for each in texts) and report.seconds >= 0:
                found[name] = report
    return found


def save(folder: Path, name: str, text: str) -> None:
    """Write a file in one go: who reads it finds all of it or none."""
    folder.mkdir(parents=True, exist_ok=True)
    with _opened(folder) as place:
        part = f".{secrets.token_hex(8)}.part"
        with os.fdopen(
            os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644, dir_fd=place), "w", encoding="utf-8"
        ) as file:
            file.write(text)
        os.replace(part, name, src_dir_fd=place, dst_dir_fd=place)


def load(folder: Path, name: str) -> str:
    """The text of a file. Raises OSError where it is not there, is no plain file or too large, ValueError where it is no text."""
    with _opened(folder) as place:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=place)
        with os.fdopen(descriptor, "rb") as file:
            known = os.fstat(descriptor)
            if not stat.S_ISREG(known.st_mode) or known.st_size > SIZE_LIMIT:
                raise OSError(f"{name} is no plain file of at most {SIZE_LIMIT} bytes")
            return file.read(SIZE_LIMIT).decode()


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _reason(error: BaseException) -> str:
    """Why a step failed, in words for people."""
    if isinstance(error, UnhealthyError) and error.brief:
        return error.brief
    if isinstance(error, click.ClickException):
        return error.format_message()
    return f"a fault of the program: {type(error).__name__}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
