"""What the statuses at a commit say at each moment of a job."""

from typing import Any

import pytest

from gitops.release.reports import FAILED, PASSED, SKIPPED, Step
from gitops.release.statuses import LENGTH, described, statuses, table

FIRST = ("parameters", "fetch", "detect", "dockerfile", "built")


def reports(*names: str, **changed: Any) -> dict[str, Step]:
    times = {"began": "2026-01-01T00:00:00+00:00", "ended": "2026-01-01T00:00:02.500+00:00"}
    return {name: Step(step=name, **{"result": PASSED, "summary": f"{name} is done", **times, **changed.get(name, {})}) for name in names}


def told(kind: str, found: dict[str, Step], result: str = "") -> dict[str, tuple[str, str]]:
    return {each.name.removeprefix("slipway/"): (each.state, each.description) for each in statuses(kind, found, result)}


def states(kind: str, found: dict[str, Step], result: str = "") -> dict[str, str]:
    return {name: state for name, (state, _) in told(kind, found, result).items()}


def test_at_the_beginning_one_runs_and_the_others_wait() -> None:
    assert states("build", reports("fetch")) == {"build": "running", "test": "pending", "scan": "pending"}
    assert states("update", {}) == {"deploy": "running"}


def test_at_the_end_each_says_what_came_of_it() -> None:
    whole = reports(
        *FIRST, "test", "build", "push", "scan", "tag", tag={"summary": "v1.2.3"}, scan={"summary": "2 High; gate at Critical: passed"}
    )
    assert told("build", whole, "SUCCESS") == {
        "build": ("success", "push is done"),
        "test": ("success", "test is done"),
        "scan": ("success", "v1.2.3: 2 High; gate at Critical: passed"),
    }
    assert told("update", reports("parameters", "update"), "SUCCESS") == {"deploy": ("success", "update is done")}


def test_a_failed_step_says_why_and_what_was_not_reached() -> None:
    failing = reports(*FIRST, "test", test={"result": FAILED, "summary": "Error: exit status 7\nNext: see the log"})
    assert told("build", failing, "FAILURE") == {
        "build": ("skipped", "not reached: test did not go well"),
        "test": ("failed", "test: Error: exit status 7"),
        "scan": ("skipped", "not reached: test did not go well"),
    }


@pytest.mark.parametrize(("result", "state"), [("FAILURE", "failed"), ("ABORTED", "canceled"), ("NOT_BUILT", "failed")])
def test_a_build_that_ended_without_a_word_says_so(result: str, state: str) -> None:
    found = told("build", reports(*FIRST), result)
    assert found["build"][0] == state
    assert "ended after built: the agent's pod is gone" in found["build"][1]
    assert {found["test"][0], found["scan"][0]} == {"skipped"}
    assert told("update", {}, result)["deploy"][0] == state


def test_no_tests_are_no_failure() -> None:
    found = reports(*FIRST, "test", "build", "push", test={"result": SKIPPED, "summary": "no tests"})
    assert told("build", found)["test"] == ("success", "no tests")


def test_a_description_is_one_line_of_bounded_length() -> None:
    assert described("a\x1b[31m\n  b\nNext: c\n") == "a [31m b"
    assert len(described("x" * 1000)) == LENGTH


def test_the_table_has_the_seconds() -> None:
    assert table(reports("build", "fetch")).splitlines() == [
        "fetch       passed       2.5 s  fetch is done",
        "build       passed       2.5 s  build is done",
    ]
