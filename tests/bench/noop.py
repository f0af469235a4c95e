"""What a run without changes costs, against an empty Pulumi program in the same run."""

import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.e2e.support import Platform

ROUNDS = 7
EMPTY = {"Pulumi.yaml": "name: empty\nruntime: python\n", "__main__.py": ""}
VERBS: dict[str, tuple[str, ...]] = {"preview": ("preview",), "up": ("up", "--yes", "--skip-preview")}


def measure(platform: Platform) -> dict[str, float]:
    """Medians of `preview` and `up` without changes, of the same for an empty program, and their ratios: the figures to compare."""
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder)
        for name, text in EMPTY.items():
            (empty / name).write_text(text)
        config = f"--config-file={empty / 'Pulumi.empty.yaml'}"
        platform.stack.pulumi("stack", "init", "empty", folder=empty)
        runs: dict[str, Callable[[], object]] = {}
        for verb, arguments in VERBS.items():
            runs[f"{verb} without changes, s"] = partial(platform.pulumi, *arguments)
            runs[f"{verb} of an empty program, s"] = partial(platform.stack.pulumi, *arguments, "--stack", "empty", config, folder=empty)
        try:
            seconds = _medians(runs)
        finally:
            platform.stack.pulumi("stack", "rm", "empty", "--yes", folder=empty)
    ratios = {
        f"{verb} against empty, times": seconds[f"{verb} without changes, s"] / seconds[f"{verb} of an empty program, s"] for verb in VERBS
    }
    return seconds | ratios


def _medians(runs: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds of each run, the runs taken in turns so that noise meets all alike."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            began = time.monotonic()
            run()
            times[name].append(time.monotonic() - began)
    return {name: statistics.median(measured) for name, measured in times.items()}
