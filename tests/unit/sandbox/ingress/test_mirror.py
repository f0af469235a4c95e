"""The local copy of the cluster's objects follows the API server, also through its failures."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.images.ingress.controller import kube
from sandbox.images.ingress.controller.kube import Mirror
from sandbox.images.ingress.controller.routes import Object

PATH = "/api/v1/services"


def item(name: str, version: int = 1) -> Object:
    return {"metadata": {"uid": name, "name": name, "resourceVersion": str(version)}}


class Script:
    """Stands for `kube.Api`: answers lists and watches in the given order, then stays silent; an exception is raised."""

    def __init__(self, lists: list[Any], watches: list[Any]) -> None:
        self._lists, self._watches = iter(lists), iter(watches)
        self.watched: list[str] = []
        self.silent = threading.Event()

    def get(self, path: str) -> Object:
        return {"metadata": {"resourceVersion": "10"}, "items": self._next(self._lists)}

    def watch(self, path: str) -> Iterator[dict[str, Any]]:
        self.watched.append(path)
        yield from self._next(self._watches)

    def _next(self, answers: Iterator[Any]) -> Any:
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
            return answer
        self.silent.set()
        return threading.Event().wait()


def follow(script: Script, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the copied objects once the script has come to its end."""
    monkeypatch.setattr(kube, "RETRY_SECONDS", 0.01)
    mirror = Mirror(script, PATH, threading.Event())  # type: ignore[arg-type]
    threading.Thread(target=mirror.run, daemon=True).start()
    assert script.silent.wait(10)
    return sorted(found["metadata"]["name"] for found in mirror.objects())


def test_changes_are_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    events = [
        {"type": "ADDED", "object": item("b", 11)},
        {"type": "DELETED", "object": item("a", 12)},
        {"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "20"}}},
    ]
    script = Script([[item("a")]], [events])

    assert follow(script, monkeypatch) == ["b"]
    assert "resourceVersion=20" in script.watched[-1]


@pytest.mark.parametrize(
    "failure",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        [{"type": "ERROR", "object": {"code": 410, "message": "too old resource version"}}],
    ],
)
def test_after_a_failure_everything_is_listed_again(failure: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert follow(Script([[item("a")], [item("b")]], [failure]), monkeypatch) == ["b"]


def test_an_api_server_that_is_down_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert follow(Script([ConnectionRefusedError(), OSError(), [item("a")]], []), monkeypatch) == ["a"]
