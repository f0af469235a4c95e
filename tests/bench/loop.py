"""How long a push takes to answer through the ingress, by the platform's own pipeline, and which step takes it."""

import secrets
import statistics
import time
from collections import defaultdict

from gitops.release.reports import Step
from gitops.release.statuses import ORDER
from sandbox.sample.release import SAMPLE
from tests.e2e.loop import Loop
from tests.e2e.support import Platform, eventually

ROUNDS = 3
LIMIT_SECONDS = 600.0


def measure(platform: Platform) -> dict[str, float]:
    """Medians: the whole, each step, and what lies between the steps: webhook, queue, pods, checkout of the pipeline."""
    loop = Loop(platform, SAMPLE)
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    for _ in range(ROUNDS):
        began = time.monotonic()
        commit = loop.push(loop.example("flask") | {"NOTES": secrets.token_hex(8)})
        version = str(loop.deployed(commit, LIMIT_SECONDS)["slipway/deploy"].description).partition(" ")[0]
        eventually(lambda: platform.answer(loop.app.project).get("version") == version, LIMIT_SECONDS, "the new version answers")  # noqa: B023
        whole = time.monotonic() - began
        steps = {name: step.seconds for kind in ("build", "update") for name, step in _reports(loop, kind).items()}
        for name, taken in {"push until it answers": whole, **steps, "between the steps": whole - sum(steps.values())}.items():
            seconds[name].append(taken)
    order = ["push until it answers", *ORDER, "between the steps"]
    return {f"{name}, s": statistics.median(seconds[name]) for name in order if name in seconds}


def _reports(loop: Loop, kind: str) -> dict[str, Step]:
    """The reports that the newest build of a job left."""
    number = loop.jenkins.builds(loop.job(kind))[0]["number"]
    return {name: Step(**found) for name in ORDER if (found := loop.report(kind, number, name))}
