"""`make bench`: what a run without changes costs, against an empty Pulumi program in the same run.

The machine is noisy, so the figures to compare are the ratios, each of medians of the same moment.
"""

import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sandbox.cache import ROOT
from tests.e2e.support import NAME, Platform, slipway

ROUNDS = 5
EMPTY = {"Pulumi.yaml": "name: empty\nruntime: python\n", "__main__.py": ""}


def main() -> None:
    """Bring the tests' sandbox up, measure, take it down, print the table and write build/bench.json."""
    began = time.monotonic()
    slipway("sandbox", "up", "--name", NAME)
    seconds = {"first up, warm": time.monotonic() - began}
    try:
        seconds |= _measure(Platform(NAME))
    finally:
        began = time.monotonic()
        slipway("sandbox", "down", "--name", NAME)
        seconds["down"] = time.monotonic() - began
    ratios = {verb: seconds[f"{verb}, no changes"] / seconds[f"{verb}, empty program"] for verb in ("preview", "up")}
    _report(seconds, ratios)


def _measure(platform: Platform) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder)
        for name, text in EMPTY.items():
            (empty / name).write_text(text)
        config = f"--config-file={empty / 'Pulumi.empty.yaml'}"
        platform.stack.pulumi("stack", "init", "empty", folder=empty)
        verbs: dict[str, tuple[str, ...]] = {"preview": ("preview",), "up": ("up", "--yes", "--skip-preview")}
        runs: dict[str, Callable[[], object]] = {}
        for verb, arguments in verbs.items():
            runs[f"{verb}, no changes"] = partial(platform.pulumi, *arguments)
            runs[f"{verb}, empty program"] = partial(platform.stack.pulumi, *arguments, "--stack", "empty", config, folder=empty)
        try:
            return _medians(runs)
        finally:
            platform.stack.pulumi("stack", "rm", "empty", "--yes", folder=empty)


def _medians(runs: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds of each run, the runs taken in turns so that noise meets all alike."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            began = time.monotonic()
            run()
            times[name].append(time.monotonic() - began)
    return {name: statistics.median(measured) for name, measured in times.items()}


def _report(seconds: dict[str, float], ratios: dict[str, float]) -> None:
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    for name, value in seconds.items():
        print(f"{name:<28}{value:8.2f} s")
    for verb, ratio in ratios.items():
        print(f"{verb + ': ours / empty':<28}{ratio:8.2f}")
    target = ROOT / "build" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps({"commit": commit, "seconds": seconds, "ratios": ratios}, indent=2) + "\n")


if __name__ == "__main__":
    main()
