"""What a first `up` on warm caches costs: time by part, resources per second, memory and disk."""

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sandbox.cache import ROOT, cache
from tests.e2e.support import NAME, Platform

MEBIBYTE = 2**20
SAMPLE_SECONDS = 0.2


def measure() -> dict[str, float]:
    """Bring the tests' sandbox up, with the tools and images there, and say where time, memory and disk went."""
    before = _available()
    with _least_available() as least:
        began = time.monotonic()
        parts = dict(_parts(began))
        parts["whole, s"] = time.monotonic() - began
    components = _components(json.loads(Platform(NAME).pulumi("stack", "export")))
    resources = parts.pop("resources, count")
    return {
        **parts,
        "resources made, count": resources,
        "resources made in a second of pulumi up, 1/s": resources / parts["pulumi up, s"],
        **components,
        "memory of the machine taken at most, MiB": (before - least[0]) / MEBIBYTE,
        "disk: tools, MiB": _size(cache() / "tools"),
        "disk: engine with images and all sandboxes, MiB": _size(cache() / "engine"),
    }


def _parts(began: float) -> Iterator[tuple[str, float]]:
    """Each step as `up` tells of it, timed by when its end is told."""
    command = [str(Path(sys.executable).parent / "slipway"), "sandbox", "up", "--name", NAME]
    last = began
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True) as run:
        assert run.stdout
        for line in run.stdout:
            sys.stdout.write(line)
            if created := re.match(r"\s+\+ (\d+) created", line):
                yield "resources, count", float(created[1])
            done = re.match(r"  (\S.*): ok, .* s$", line)
            title = done[1] if done else "pulumi up" if line.startswith("Duration: ") else ""
            if title:
                now = time.monotonic()
                yield f"{title}, s", now - last
                last = now
    assert run.returncode == 0, f"`slipway sandbox up` ended with {run.returncode}"


def _components(state: dict[str, dict[str, list[dict[str, str]]]]) -> dict[str, float]:
    """When the last resource of each component was made, in seconds since the first resource of the stack was."""
    made: dict[str, list[datetime]] = {}
    for resource in state["deployment"]["resources"]:
        owner = re.search(r"slipway:components:(\w+)\$", resource["urn"])
        if "created" in resource and owner:
            made.setdefault(owner[1], []).append(datetime.fromisoformat(resource["created"]))
    first = min(time for times in made.values() for time in times)
    ends = sorted((max(times), component) for component, times in made.items())
    return {f"pulumi up: {component} is there after, s": (end - first).total_seconds() for end, component in ends}


@contextmanager
def _least_available() -> Iterator[list[int]]:
    """Watch the machine's available memory while the block runs; the list's item is the least, in bytes."""
    least, done = [_available()], threading.Event()

    def watch() -> None:
        while not done.wait(SAMPLE_SECONDS):
            least[0] = min(least[0], _available())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield least
    finally:
        done.set()
        watcher.join()


def _available() -> int:
    [kibibytes] = re.findall(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text())
    return int(kibibytes) * 1024


def _size(folder: Path) -> float:
    """Disk space in MiB that the folder takes, each hard link once; 0 where there is none."""
    printed = subprocess.run(["du", "-sxk", str(folder)], capture_output=True, text=True, check=False).stdout
    return int(printed.split()[0]) / 1024 if printed else 0.0
