"""The sidecar's folder follows labelled objects, and the program beside it hears of every change."""

import base64
import logging
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from sandbox.images.sidecar.sidecar import __main__ as program
from sandbox.images.sidecar.sidecar import kube, notice
from sandbox.images.sidecar.sidecar.files import Folder, contents
from sandbox.images.sidecar.sidecar.kube import Object
from sandbox.images.sidecar.sidecar.options import parse

ENVIRONMENT = {
    "LABEL": "jenkins-jenkins-config",
    "FOLDER": "/var/jenkins_home/casc_configs",
    "NAMESPACE": "jenkins",
    "RESOURCE": "both",
    "REQ_URL": "http://localhost:8080/reload/?casc-reload-token=jenkins-0",
    "REQ_METHOD": "POST",
    "REQ_RETRY_CONNECT": "3",
    "HEALTH_PORT": "8060",
    "UNIQUE_FILENAMES": "false",
}
CONFIGS, SECRETS = (f"/api/v1/namespaces/jenkins/{kind}?labelSelector=jenkins-jenkins-config" for kind in ("configmaps", "secrets"))


def config(name: str, **data: str) -> Object:
    return {"metadata": {"name": name, "namespace": "jenkins"}, "data": data}


def secret(name: str, **data: str) -> Object:
    return {**config(name, **{key: base64.b64encode(text.encode()).decode() for key, text in data.items()}), "type": "Opaque"}


class Cluster:
    """Stands for `kube.Api`: what is in it now; a watch tells of the next change, or breaks."""

    def __init__(self) -> None:
        self.objects: dict[str, list[Object]] = {CONFIGS: [], SECRETS: []}
        self.broken = False
        self._version, self._moved = 1, threading.Condition()

    def put(self, path: str, *items: Object, broken: bool = False) -> None:
        with self._moved:
            self.objects[path], self.broken = list(items), broken
            self._version += 1
            self._moved.notify_all()

    def get(self, path: str) -> Object:
        with self._moved:
            return {"metadata": {"resourceVersion": str(self._version)}, "items": self.objects[path]}

    def watch(self, path: str) -> Iterator[dict[str, Any]]:
        since = int(path.rpartition("=")[2])
        with self._moved:
            self._moved.wait_for(lambda: self._version > since)
            if self.broken:
                raise ConnectionResetError
        yield {"type": "BOOKMARK", "object": {}}
        yield {"type": "MODIFIED", "object": {}}


class Program:
    """The program that is told: keeps requests, and answers with `status`."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told.asked.append(self.path)
                self.send_response(told.status)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/reload/?casc-reload-token=jenkins-0"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kube, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(program, "DEBOUNCE_SECONDS", 0.05)
    monkeypatch.setattr(notice, "FIRST_SECONDS", 0.01)
    monkeypatch.setattr(notice, "LONGEST_SECONDS", 0.02)


@pytest.fixture
def told() -> Iterator[Program]:
    served = Program()
    yield served
    served.stop()


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


@pytest.fixture
def start(cluster: Cluster, tmp_path: Path) -> Iterator[Callable[[str], program.Sidecar]]:
    """Starts a sidecar that writes to the test's folder and tells a URL."""
    started: list[tuple[program.Sidecar, threading.Thread]] = []

    def begin(url: str) -> program.Sidecar:
        options = parse({**ENVIRONMENT, "FOLDER": str(tmp_path), "REQ_URL": url})
        sidecar = program.Sidecar(cluster, options)  # type: ignore[arg-type]
        thread = threading.Thread(target=sidecar.run)
        thread.start()
        started.append((sidecar, thread))
        return sidecar

    yield begin
    for sidecar, thread in started:
        sidecar.stop()
        thread.join(10)
        assert not thread.is_alive()


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, what
        threading.Event().wait(0.01)


def files(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir() if not path.name.startswith(".")}


def test_the_charts_environment_is_understood() -> None:
    options = parse(ENVIRONMENT)
    assert options.lists == (CONFIGS, SECRETS)
    assert (options.once, options.method, options.attempts, options.port) == (False, "POST", 3, 8060)
    assert parse({**ENVIRONMENT, "METHOD": "LIST"}).once
    assert parse({**ENVIRONMENT, "RESOURCE": "secret", "NAMESPACE": "ALL", "LABEL_VALUE": "true"}).lists == (
        "/api/v1/secrets?labelSelector=jenkins-jenkins-config%3Dtrue",
    )


@pytest.mark.parametrize(
    ("name", "value"), [("LABEL", ""), ("FOLDER", ""), ("RESOURCE", "pod"), ("METHOD", "SLEEP"), ("UNIQUE_FILENAMES", "true")]
)
def test_what_is_not_known_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} is"):
        parse({**ENVIRONMENT, name: value})


def test_files_are_the_keys_of_both_kinds() -> None:
    binary = {**config("c"), "binaryData": {"c": base64.b64encode(b"\xff").decode()}}
    assert contents([secret("b", b="two"), config("a", a="one"), binary]) == {"a": b"one", "b": b"two", "c": b"\xff"}


def test_the_later_name_wins_whatever_the_order() -> None:
    first, second = config("a", x="1"), config("b", x="2")
    assert contents([second, first]) == contents([first, second]) == {"x": b"2"}


def test_what_others_wrote_stays(tmp_path: Path) -> None:
    (tmp_path / "foreign.yaml").write_text("x")
    assert Folder(tmp_path).apply({"a.yaml": b"1", "b.yaml": b"1"})
    assert not Folder(tmp_path).apply({"a.yaml": b"1", "b.yaml": b"1"})
    assert Folder(tmp_path).apply({"a.yaml": b"1"})  # a process of its own, as after a restart
    assert files(tmp_path) == {"a.yaml": "1", "foreign.yaml": "x"}


def test_once_writes_and_tells_nobody(cluster: Cluster, told: Program, tmp_path: Path) -> None:
    cluster.put(CONFIGS, config("a", **{"a.yaml": "1"}))
    options = parse({**ENVIRONMENT, "METHOD": "LIST", "FOLDER": str(tmp_path / "new"), "REQ_URL": told.url})
    program.Sidecar(cluster, options).once()  # type: ignore[arg-type]
    assert files(tmp_path / "new") == {"a.yaml": "1"}
    assert not told.asked


def test_changes_reach_the_folder_and_the_program(
    cluster: Cluster, told: Program, tmp_path: Path, start: Callable[[str], program.Sidecar], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    cluster.put(CONFIGS, config("a", **{"a.yaml": "1"}))
    start(told.url)
    until(lambda: len(told.asked) == 1, "the program is told")
    assert told.asked == ["/reload/?casc-reload-token=jenkins-0"]
    cluster.put(SECRETS, secret("s", **{"s.yaml": "hidden"}))
    until(lambda: len(told.asked) == 2, "the program is told of a Secret")
    assert files(tmp_path) == {"a.yaml": "1", "s.yaml": "hidden"}
    cluster.put(CONFIGS)
    until(lambda: len(told.asked) == 3, "the program is told of a deletion")
    assert files(tmp_path) == {"s.yaml": "hidden"}
    assert "jenkins-0" not in caplog.text
    assert "hidden" not in caplog.text


def test_a_burst_is_told_once(cluster: Cluster, told: Program, tmp_path: Path, start: Callable[[str], program.Sidecar]) -> None:
    sidecar = start(told.url)
    until(sidecar.ready, "both lists are seen")
    for number in range(20):
        cluster.put(CONFIGS, config("a", **{"a.yaml": str(number)}))
    until(lambda: files(tmp_path) == {"a.yaml": "19"} and bool(told.asked), "the last one is written")
    assert len(told.asked) < 5


def test_a_broken_watch_begins_anew(cluster: Cluster, told: Program, tmp_path: Path, start: Callable[[str], program.Sidecar]) -> None:
    sidecar = start(told.url)
    until(sidecar.ready, "both lists are seen")
    cluster.put(CONFIGS, config("a", **{"a.yaml": "1"}), broken=True)
    until(lambda: files(tmp_path) == {"a.yaml": "1"}, "the change behind the break is seen")
    cluster.put(SECRETS, secret("s", **{"s.yaml": "2"}))
    until(lambda: len(files(tmp_path)) == 2, "and the next one")


def test_a_program_that_is_not_up_yet_is_told_when_it_is(
    cluster: Cluster, told: Program, start: Callable[[str], program.Sidecar], caplog: pytest.LogCaptureFixture
) -> None:
    told.status = 503
    start(told.url)
    cluster.put(CONFIGS, config("a", **{"a.yaml": "1"}))
    until(lambda: len(told.asked) >= 2, "it is asked again")
    told.status = 200
    asked = len(told.asked)
    until(lambda: len(told.asked) > asked, "it is told")


def test_a_refused_connection_is_tried_on() -> None:
    stopped = threading.Event()
    done: list[bool] = []
    served = Program()
    served.stop()
    thread = threading.Thread(target=lambda: done.append(notice.tell(served.url, "POST", 2, stopped)))
    thread.start()
    thread.join(0.2)
    assert thread.is_alive()
    stopped.set()
    thread.join(10)
    assert done == [False]


def test_files_that_the_program_refuses_are_not_told_for_ever(told: Program) -> None:
    told.status = 500
    assert not notice.tell(told.url, "POST", 2, threading.Event())
    assert len(told.asked) == notice.REFUSALS


def test_newer_files_come_before_another_attempt(told: Program) -> None:
    told.status = 500
    assert not notice.tell(told.url, "POST", 2, threading.Event(), superseded=lambda: True)
    assert len(told.asked) == 1
