"""Finds each tool on PATH or builds it from its Go module, once, into the cache."""

import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import click

from sandbox.cache import cache, digest, lock, write
from sandbox.errors import SandboxError
from sandbox.progress import duration, step
from sandbox.tools.catalog import TOOLS, Tool

_MODULES = Path(__file__).parent


def ensure(*further: Tool) -> dict[str, Path]:
    """Every program by its name, and every kept folder of a module by its own (`manifests`); those of `further` tools, too.

    Two runs at a time are safe: the second waits. A killed build goes on where it was. Raises SandboxError when a build fails.
    """
    with lock("tools"):
        missing = [tool for tool in (*TOOLS, *further) if not _on_path(tool) and not _built(tool).is_dir()]
        if missing:
            click.echo(f"  {len(missing)} tools are missing: about {duration(sum(map(_expected, missing)))} in all, once", err=True)
        for number, tool in enumerate(missing, start=1):
            with step(f"tool {number} of {len(missing)}: building {tool.name} {tool.version}", _expected(tool)):
                _build(tool)
        _remove_build_caches()
    found: dict[str, Path] = {}
    for tool in (*TOOLS, *further):
        on_path = _on_path(tool)
        found |= on_path or {name: _built(tool) / name for name in (*tool.programs, *tool.assets)}
    return found


def _on_path(tool: Tool) -> dict[str, Path]:
    """The tool's programs on PATH, where it says its version and that one fits; else nothing."""
    program = shutil.which(tool.probe[0]) if tool.probe else None
    # One of our own links is no tool of the machine's: `slipway sandbox env` puts them on PATH.
    if not program or Path(program).absolute().is_relative_to(cache()):
        return {}
    printed = subprocess.run([program, *tool.probe[1:]], capture_output=True, text=True, check=False).stdout
    version = re.search(r"\d+\.\d+\.\d+", printed)
    return {tool.probe[0]: Path(program)} if version and tool.fits(version[0], tool.version) else {}


def _built(tool: Tool) -> Path:
    # Content decides: a changed pin, flag or go.sum is another folder, so an older checkout's tools stay valid for it.
    key = digest([_MODULES / tool.name, tool.version, json.dumps([tool.programs, tool.variables, tool.assets])])
    return cache() / "tools" / f"{tool.name}-{tool.version}-{key}"


def _build(tool: Tool) -> None:
    go = shutil.which("go")
    if not go:
        raise SandboxError(
            f"The tool {tool.name} {tool.version} is not on PATH, and there is no Go to build it with.\n"
            "Expected: the command `go`, version 1.26 or newer.\n"
            f"Next: install Go from https://go.dev/dl/ and run this again{_supply(tool)}."
        )
    target = _built(tool)
    work = target.with_name(target.name + ".part")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    began = time.monotonic()
    flags = " ".join(["-s", "-w", *(f"-X {name}={value}" for name, value in tool.variables.items())])
    for program, package in tool.programs.items():
        _go([go, "build", "-trimpath", "-ldflags", flags, "-o", str(work / program), package], tool)
    for folder, module in tool.assets.items():
        listed = _go([go, "list", "-m", "-f", "{{.Dir}}", module], tool).strip()
        shutil.copytree(Path(listed) / folder, work / folder, copy_function=shutil.copyfile)
        # The module cache is read-only, and so would be the copy.
        for path in (work / folder, *(work / folder).rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
    work.rename(target)
    _record(tool, time.monotonic() - began)


def _go(command: list[str], tool: Tool) -> str:
    folder = _MODULES / tool.name
    environment = os.environ | {
        "CGO_ENABLED": "0",
        "GOFLAGS": "-mod=readonly -buildvcs=false -modcacherw",
        "GOCACHE": str(cache() / "go" / "build"),
        "GOMODCACHE": str(cache() / "go" / "modules"),
    }
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        last = "\n".join(result.stderr.strip().splitlines()[-12:])
        raise SandboxError(
            f"Building {tool.name} {tool.version} failed (module {', '.join(tool.programs.values())} in sandbox/tools/{tool.name}).\n"
            f"The last lines of `go {command[1]}`:\n{last}\n"
            f"Next: mend that and run this again{_supply(tool)}. What was built so far is kept."
        )
    return result.stdout


def _supply(tool: Tool) -> str:
    return f", or put `{tool.probe[0]}` {tool.version} on PATH, which is then used as it is" if tool.probe else ""


def _times() -> dict[str, float]:
    file = cache() / "tools" / "seconds.json"
    return dict(json.loads(file.read_text())) if file.is_file() else {}


def _expected(tool: Tool) -> float:
    return _times().get(tool.name, tool.seconds)


def _record(tool: Tool, seconds: float) -> None:
    write(cache() / "tools" / "seconds.json", json.dumps(_times() | {tool.name: round(seconds, 1)}))


def _remove_build_caches() -> None:
    """All tools are there: gigabytes of sources and objects that nobody needs again."""
    if (cache() / "go").is_dir():
        with step("removing the build caches"):
            shutil.rmtree(cache() / "go")
