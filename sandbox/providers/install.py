"""Puts the stand-in plugins where the engine finds them: on PATH."""

import os
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

from sandbox.providers import LANGUAGE, PLUGINS

_ROOT = Path(__file__).resolve().parents[2]


def install(directory: Path, pulumi_home: Path) -> list[str]:
    """Write an executable into the directory for each plugin whose official one is missing; remove those no longer needed.

    Args:
        directory: where the executables go; to be put on PATH by the caller. Created where it is missing.
        pulumi_home: the engine's home, whose `plugins/` holds the official plugins.

    Returns the names of the executables that stand in, such as `pulumi-resource-docker`.
    """
    directory.mkdir(parents=True, exist_ok=True)
    installed = []
    for name in (*PLUGINS, LANGUAGE):
        executable = f"pulumi-{name}" if name == LANGUAGE else f"pulumi-resource-{name}"
        if _official(executable, directory, pulumi_home):
            (directory / executable).unlink(missing_ok=True)
        else:
            _write(directory / executable, name)
            installed.append(executable)
    return installed


def _official(executable: str, directory: Path, pulumi_home: Path) -> bool:
    plugin = executable.removeprefix("pulumi-")
    elsewhere = [entry for entry in os.get_exec_path() if Path(entry).resolve() != directory.resolve()]
    downloaded = any(path.is_dir() for path in (pulumi_home / "plugins").glob(f"{plugin}-v*"))
    return downloaded or shutil.which(executable, path=os.pathsep.join(elsewhere)) is not None


def _write(path: Path, name: str) -> None:
    # -P: the engine starts plugins in the program's folder, whose modules must not shadow others.
    command = shlex.join([sys.executable, "-P", "-m", "sandbox.providers", name])
    script = f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(_ROOT))} exec {command} "$@"\n'
    if path.exists() and path.read_text() == script:
        return
    # Renamed into place: the engine may start the plugin at any moment.
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w") as file:
        file.write(script)
    Path(temporary).chmod(0o755)
    Path(temporary).replace(path)
