"""What the statuses at an application's commit say, from the reports of a job's steps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gitops.release.reports import FAILED, Step

KINDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "build": {
        "slipway/build": ("parameters", "fetch", "detect", "dockerfile", "built", "build", "push"),
        "slipway/test": ("test",),
        "slipway/scan": ("scan", "tag"),
    },
    "update": {"slipway/deploy": ("parameters", "update")},
}
"""Kind of a job to the names of its statuses, with the steps that each tells of; the last one ends it."""
ORDER = ("parameters", "fetch", "detect", "dockerfile", "built", "test", "build", "push", "scan", "tag", "update")
LENGTH = 255
"""Characters of a description: https://docs.gitlab.com/api/commits/#set-commit-pipeline-status"""
LOST = "the agent's pod is gone, or the step was ended from outside; see the log"


@dataclass(frozen=True, kw_only=True)
class Status:
    """state: one of GitLab's pending, running, success, failed, canceled, skipped."""

    name: str
    state: str
    description: str


def statuses(kind: str, reports: Mapping[str, Step], result: str) -> Iterator[Status]:
    """The statuses of a job of a kind (`build` or `update`). `result`: how its build ended, in Jenkins' words; empty while it runs."""
    failed = next((name for name in ORDER if name in reports and reports[name].result == FAILED), None)
    lost = ""
    for name, steps in KINDS[kind].items():
        if failed is not None and failed in steps:
            yield Status(name=name, state="failed", description=described(f"{failed}: {reports[failed].summary}"))
        elif steps[-1] in reports:
            yield Status(name=name, state="success", description=described(_told(steps, reports)))
        elif not result:
            yield Status(name=name, state="pending" if lost else "running", description="")
            lost = name
        elif failed or lost:
            yield Status(name=name, state="skipped", description=described(f"not reached: {failed or lost} did not go well"))
        else:
            lost = name
            last = next((f"after {each}" for each in reversed(ORDER) if each in reports), "without a word")
            yield Status(name=name, state="canceled" if result == "ABORTED" else "failed", description=described(f"ended {last}: {LOST}"))


def described(text: str) -> str:
    """A text as the description of a status: one line without what terminals obey, and not too long."""
    lines = [line.strip() for line in text.splitlines() if not line.startswith("Next:")]
    plain = "".join(each if each.isprintable() else " " for each in " ".join(filter(None, lines)))
    return plain if len(plain) <= LENGTH else f"{plain[: LENGTH - 1]}…"


def table(reports: Mapping[str, Step]) -> str:
    """The steps with what each took, for people."""
    rows = [
        f"{name:<11} {reports[name].result:<8} {reports[name].seconds:>7.1f} s  {described(reports[name].summary)}"
        for name in ORDER
        if name in reports
    ]
    return "".join(f"{row.rstrip()}\n" for row in rows)


def _told(steps: tuple[str, ...], reports: Mapping[str, Step]) -> str:
    last = reports[steps[-1]]
    if steps[-1] == "tag" and "scan" in reports:
        return f"{last.summary}: {reports['scan'].summary}"
    return last.summary
