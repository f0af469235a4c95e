"""Whose last lines a time-out shows."""

from collections.abc import Mapping
from threading import Event
from typing import Any

import pytest

from sandbox.providers.kubernetes.api import Api
from sandbox.providers.kubernetes.tail import log_tail
from tests.unit.sandbox.providers.kubernetes.cluster import Cluster, Messages

CRASHED = {"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "restartCount": 3}
RUNNING = {"state": {"running": {}}, "restartCount": 0}
PULLING = {"state": {"waiting": {"reason": "ErrImagePull"}}, "restartCount": 0}


class Logs(Api):
    """An API whose containers printed what they are called."""

    def printed(self, namespace: str, pod: str, container: str, lines: int, *, previous: bool) -> list[str]:
        """The lines of one container."""
        return [f"{namespace}/{pod}/{container}", "in the run before" if previous else "in this run"]


def pod(containers: Mapping[str, Mapping[str, Any]], *, ready: bool = False) -> dict[str, Any]:
    """A pod with its containers' states by name."""
    statuses = [{"name": name, "ready": ready, **state} for name, state in containers.items()]
    conditions = [{"type": "Ready", "status": str(ready)}]
    return {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-1", "namespace": "shop"},
        "status": {"conditions": conditions, "containerStatuses": statuses},
    }  # fmt: skip


@pytest.fixture
def api() -> Api:
    return Logs(Cluster(), Messages(), Event())


def test_a_container_that_crashed_is_quoted_from_the_run_before(api: Api) -> None:
    tail = log_tail(api, pod({"web": CRASHED}))
    assert tail.splitlines() == ["The last lines of web-1, container web:", "    shop/web-1/web", "    in the run before"]


def test_a_container_that_runs_but_is_not_ready_is_quoted_from_this_run(api: Api) -> None:
    assert "in this run" in log_tail(api, pod({"web": RUNNING}))


def test_a_container_that_never_ran_has_nothing_to_say_and_the_next_one_is_asked(api: Api) -> None:
    assert log_tail(api, pod({"web": PULLING})) == ""
    assert "container helper" in log_tail(api, pod({"web": PULLING, "helper": RUNNING}))


def test_a_ready_pod_is_not_quoted(api: Api) -> None:
    assert log_tail(api, pod({"web": RUNNING}, ready=True)) == ""
