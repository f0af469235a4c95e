"""Puts the stand-in plugins where the engine finds them."""

import os
import shlex
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from sandbox.providers import LANGUAGE, PLUGINS

_ROOT = Path(__file__).resolve().parents[2]

STAND_IN = "stand-in"
"""The empty file that tells the folder of a stand-in from that of an official plugin."""


def install(directory: Path, home: Path) -> list[str]:
    """Put a stand-in where the engine finds it, for each plugin whose official one is missing; remove those no longer needed.

    Args:
        directory: where the language host goes; to be put on PATH by the caller. Created where it is missing.
        home: the engine's home. Provider plugins go into its `plugins/`: for those on PATH the engine prints a warning each.

    Returns the names of the executables that stand in, such as `pulumi-resource-docker`.
    """
    installed = []
    for name, package in PLUGINS.items():
        folder = home / "plugins" / f"resource-{name}-v{version(package)}"
        executable = folder / f"pulumi-resource-{name}"
        if _on_path(executable.name) or _downloaded(folder):
            if (folder / STAND_IN).exists():
                shutil.rmtree(folder)
            continue
        folder.mkdir(parents=True, exist_ok=True)
        (folder / STAND_IN).touch()
        _write(executable, name)
        installed.append(executable.name)
    host = directory / f"pulumi-{LANGUAGE}"
    directory.mkdir(parents=True, exist_ok=True)
    if _on_path(host.name, but=directory):
        host.unlink(missing_ok=True)
    else:
        _write(host, LANGUAGE)
        installed.append(host.name)
    return installed


def _on_path(executable: str, but: Path | None = None) -> bool:
    elsewhere = [entry for entry in os.get_exec_path() if but is None or Path(entry).resolve() != but.resolve()]
    return shutil.which(executable, path=os.pathsep.join(elsewhere)) is not None


def _downloaded(folder: Path) -> bool:
    """Whether an official plugin is there, at this version or another one."""
    plugin = folder.name.rpartition("-v")[0]
    return any(path.is_dir() and not (path / STAND_IN).exists() for path in folder.parent.glob(f"{plugin}-v*"))


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
