"""Waiting for Argo CD, against a server that tells a scripted story."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from gitops.release import status
from gitops.release.argocd import ArgoCd, ArgoCdAccess
from gitops.release.errors import UnhealthyError, UnreachableError
from naming import App

APP = App(workspace="acme", user="alice", project="shop")
OLD, NEW = "a" * 40, "b" * 40


def state(sync: str, health: str, revision: str = NEW, phase: str = "Succeeded", synced: str = "") -> dict[str, Any]:
    operation = {"phase": phase, "message": "as told", "startedAt": "then", "syncResult": {"revision": synced or revision}}
    return {"status": {"sync": {"status": sync, "revision": revision}, "health": {"status": health}, "operationState": operation}}


class Story(ThreadingHTTPServer):
    """Argo CD in the states of `states`, one after the other; the last one stays. `asked` has the method and path of each request."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.states: list[dict[str, Any] | int] = []
        self.asked: list[str] = []
        self.nodes: list[dict[str, Any]] = []

    @property
    def argocd(self) -> ArgoCd:
        return ArgoCd(ArgoCdAccess(url=f"http://127.0.0.1:{self.server_address[1]}", token="secret-token"), APP)


class _Handler(BaseHTTPRequestHandler):
    server: Story

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.asked.append(f"GET {path}")
        assert self.headers["Authorization"] == "Bearer secret-token"
        if path.endswith("/resource-tree"):
            self._answer({"nodes": self.server.nodes})
        elif path.endswith("/events"):
            events = [
                {"type": "Warning", "reason": "BackOff", "message": "restarting", "lastTimestamp": "2"},
                {"type": "Normal", "reason": "Pulled"},
            ]
            self._answer({"items": events})
        elif path.endswith("/logs"):
            lines = [{"result": {"content": "no database"}}, {"result": {"content": "", "last": True}}]
            self._answer(None, "\n".join(map(json.dumps, lines)))
        elif path.endswith("/userinfo"):
            self._answer({"loggedIn": True})
        else:
            current = self.server.states[0] if len(self.server.states) == 1 else self.server.states.pop(0)
            if isinstance(current, int):
                self.send_response(current)
                self.end_headers()
            else:
                self._answer(current)

    def do_DELETE(self) -> None:
        self.server.asked.append(f"DELETE {self.path.partition('?')[0]}")
        self._answer({})

    def _answer(self, content: Any, text: str = "") -> None:
        body = (text or json.dumps(content)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture
def story(monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    monkeypatch.setattr(status, "EVERY_SECONDS", 0.01)
    monkeypatch.setattr(status, "GRACE_SECONDS", 0.2)
    with Story() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def is_new(revision: str) -> bool:
    return revision == NEW


def test_it_waits_until_the_commit_is_what_runs(story: Story) -> None:
    story.states = [
        403,
        state("Synced", "Healthy", OLD),
        state("OutOfSync", "Healthy"),
        state("Synced", "Progressing"),
        state("Synced", "Healthy"),
    ]
    assert status.wait(story.argocd, is_new, 10).revision == NEW


def test_a_sync_of_an_earlier_commit_is_ended_once(story: Story) -> None:
    running = state("OutOfSync", "Progressing", OLD, phase="Running")
    story.states = [running, running, running, state("Synced", "Healthy")]
    status.wait(story.argocd, is_new, 10)
    assert [each for each in story.asked if each.startswith("DELETE")] == ["DELETE /api/v1/applications/acme-alice-shop/operation"]


def test_a_sync_of_the_commit_itself_goes_on(story: Story) -> None:
    story.states = [state("OutOfSync", "Progressing", phase="Running"), state("Synced", "Healthy")]
    status.wait(story.argocd, is_new, 10)
    assert not [each for each in story.asked if each.startswith("DELETE")]


def test_what_is_degraded_for_a_moment_is_only_the_old_version(story: Story) -> None:
    story.states = [
        state("OutOfSync", "Degraded", synced=OLD),
        state("Synced", "Degraded"),
        state("Synced", "Progressing"),
        state("Synced", "Healthy"),
    ]
    assert status.wait(story.argocd, is_new, 10).is_well


def test_a_version_that_is_given_up_is_told_with_its_pod(story: Story) -> None:
    story.states = [state("OutOfSync", "Degraded", phase="Failed")]
    story.nodes = [
        {"kind": "Deployment", "name": "d", "health": {"status": "Degraded", "message": "deadline"}, "createdAt": "1"},
        {"kind": "Pod", "name": "fine", "health": {"status": "Healthy"}, "createdAt": "1"},
        {"kind": "Pod", "name": "p", "namespace": "user-alice", "health": {"status": "Degraded", "message": "back-off"}, "createdAt": "2"},
    ]
    with pytest.raises(UnhealthyError) as told:
        status.wait(story.argocd, is_new, 10)
    for part in (
        "OutOfSync and Degraded",
        "Pod/p: back-off",
        "Last event: BackOff: restarting",
        "no database",
        "Last sync: Failed: as told",
        "rollback",
    ):
        assert part in told.value.message
    assert "secret-token" not in told.value.message


def test_an_application_that_does_not_come_is_told(story: Story) -> None:
    story.states = [404]
    with pytest.raises(UnhealthyError, match="no Application acme-alice-shop"):
        status.wait(story.argocd, is_new, 0.1)


@pytest.mark.parametrize(("code", "expected"), [(401, "SLIPWAY_ARGOCD_TOKEN"), (500, "see whether Argo CD is well")])
def test_an_argo_cd_that_is_unwell_is_told(story: Story, code: int, expected: str) -> None:
    story.states = [code]
    with pytest.raises(UnreachableError, match=expected) as told:
        status.status(story.argocd)
    assert told.value.exit_code == 4


def test_one_that_is_not_there_is_told() -> None:
    access = ArgoCdAccess(url="http://127.0.0.1:9", token="secret-token")
    with pytest.raises(UnreachableError, match="does not answer"):
        status.status(ArgoCd(access, APP))
