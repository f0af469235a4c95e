"""The one door to other programs."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from gitops.release.errors import UnreachableError


class ProgramFailedError(Exception):
    """A program ended with an error; the text is what it wrote, the command is not in it."""


def run(command: Sequence[str], *, folder: Path, environment: Mapping[str, str], seconds: float) -> str:
    """Run a program without a shell and return its standard output.

    `environment` is all that it sees of ours; `seconds` is its limit. Raises ProgramFailedError with what it wrote to standard error, and
    UnreachableError when the program is not there.
    """
    try:
        done = subprocess.run(
            list(command), cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
        )
    except FileNotFoundError:
        raise UnreachableError(
            f"The program {command[0]!r} is not on PATH. Next: install it, or run this where the release tools are."
        ) from None
    except subprocess.TimeoutExpired:
        raise ProgramFailedError(f"{command[0]} was stopped after {seconds:.0f} s") from None
    if done.returncode:
        raise ProgramFailedError(done.stderr.decode(errors="replace").strip() or f"{command[0]} ended with {done.returncode}")
    return done.stdout.decode(errors="replace")
