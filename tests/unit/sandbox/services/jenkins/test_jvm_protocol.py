"""The pipe to the JVM, with a program in its place that speaks the same lines."""

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from sandbox.services.jenkins.jvm import Jvm
from sandbox.services.jenkins.jvm_process import JvmGoneError
from sandbox.services.jenkins.model import FAILURE, SUCCESS, DslError, StepError

FAKE = """
import json, os, sys
def send(message): print(json.dumps(message), flush=True)
send({"ready": True})
ids = {}
for line in sys.stdin:
    message = json.loads(line)
    if message.get("answer") == 99:
        pass
    elif "answer" in message:
        send({"id": ids.pop(message["answer"]), "value": json.dumps(message, sort_keys=True)})
    elif message["op"] == "stop":
        send({"call": 99, "build": message["build"], "step": "stopped", "arguments": {}, "context": {}})
    elif message["op"] == "declare":
        send({"id": message["id"], "error": "script 1, line 2: no"})
    elif message["op"] == "compile":
        send({"id": message["id"], "value": [message["name"] + ": 1: wrong"] if message["text"] else []})
    elif message["script"] == "dies":
        os._exit(3)
    elif message["script"] == "babbles":
        print("no JSON", flush=True)
    elif message["script"] == "ends":
        send({"id": message["id"], "value": json.dumps(message, sort_keys=True)})
    else:
        ids[message["id"]] = message["id"]
        send({"call": message["id"], "build": message["build"], "step": message["script"], "arguments": {"a": 1}, "context": {"id": 1}})
"""


class Steps:
    def __init__(self, do: Callable[[str], Any] = lambda step: None) -> None:
        self.calls: list[tuple[str, Mapping[str, Any]]] = []
        self.called = threading.Event()
        self._do = do

    def call(self, step: str, arguments: Mapping[str, Any], context: Mapping[str, Any]) -> Any:
        self.calls.append((step, arguments))
        self.called.set()
        return None if step == "log" else self._do(step)


@pytest.fixture
def jvm() -> Iterator[Jvm]:
    found = Jvm((sys.executable, "-c", FAKE))
    yield found
    found.close()


def run(jvm: Jvm, script: str, steps: Steps, libraries: Mapping[str, Path] | None = None, build: str = "b#1") -> str:
    return jvm.run(build, script, libraries=libraries or {}, implicit=(), parameters={"P": True}, environment={"E": "e"}, steps=steps)


def test_a_step_goes_to_the_steps_of_its_build_and_its_value_back(jvm: Jvm) -> None:
    steps = Steps(lambda step: {"out": step})
    assert run(jvm, "sh", steps) == '{"answer": 1, "value": {"out": "sh"}}'
    assert steps.calls == [("sh", {"a": 1})]


def test_a_failed_step_goes_back_with_its_result(jvm: Jvm) -> None:
    def fail(step: str) -> None:
        raise StepError("script returned exit code 1", "UNSTABLE")

    assert run(jvm, "sh", Steps(fail)) == '{"answer": 1, "error": "script returned exit code 1", "result": "UNSTABLE"}'


def test_an_error_of_the_stand_in_itself_fails_the_step_without_its_text(jvm: Jvm, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(step: str) -> None:
        raise KeyError("hunter2")

    answer = run(jvm, "sh", Steps(fail))
    assert "step sh: KeyError in the stand-in" in answer
    told = capsys.readouterr().err
    assert "step sh: KeyError" in told
    assert "hunter2" not in answer + told.replace('raise KeyError("hunter2")', "")


def test_libraries_go_as_text(jvm: Jvm, tmp_path: Path) -> None:
    for name, text in {"vars/go.groovy": "def call() { }", "vars/go.txt": "help", "resources/a/b.yaml": "x: 1"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.write_text("not for builds")
    (tmp_path / "vars/link.groovy").symlink_to(outside)
    sent = run(jvm, "ends", Steps(), {"slipway": tmp_path})
    assert '"libraries": {"slipway": {"resources": {"a/b.yaml": "x: 1"}, "vars": {"go": "def call() { }"}}}' in sent


def test_builds_wait_for_their_own_steps_only(jvm: Jvm) -> None:
    goes_on = threading.Event()
    slow, results = Steps(lambda step: goes_on.wait(20)), []
    build = threading.Thread(target=lambda: results.append(run(jvm, "slow", slow, build="slow#1")))
    build.start()
    assert slow.called.wait(20)
    assert "fast" in run(jvm, "fast", Steps(lambda step: step), build="fast#1")
    assert not results
    goes_on.set()
    build.join(20)
    assert len(results) == 1


def test_a_stop_reaches_the_jvm_of_the_build(jvm: Jvm) -> None:
    stopped = threading.Event()

    def do(step: str) -> None:
        if step == "stopped":
            stopped.set()
        else:
            assert stopped.wait(20)

    steps = Steps(do)
    build = threading.Thread(target=lambda: run(jvm, "waits", steps))
    build.start()
    assert steps.called.wait(20)
    jvm.stop("another#1")
    jvm.stop("b#1")
    build.join(20)
    assert [step for step, _ in steps.calls] == ["waits", "stopped"]


@pytest.mark.parametrize("script", ["dies", "babbles"])
def test_a_jvm_that_ends_fails_the_build_and_another_one_starts(jvm: Jvm, script: str) -> None:
    steps = Steps()
    assert run(jvm, script, steps) == FAILURE
    ((step, told),) = steps.calls
    assert step == "log"
    assert "ERROR: the JVM that runs pipelines has ended (exit status" in told["text"]
    assert "value" in run(jvm, "sh", Steps())


def test_every_running_build_hears_of_the_end(jvm: Jvm) -> None:
    goes_on = threading.Event()
    waiting, results = Steps(lambda step: goes_on.wait(20)), []
    build = threading.Thread(target=lambda: results.append(run(jvm, "waits", waiting, build="waits#1")))
    build.start()
    assert waiting.called.wait(20)
    assert run(jvm, "dies", Steps()) == FAILURE
    build.join(20)
    goes_on.set()
    assert results == [FAILURE]


def test_a_command_that_is_not_there_fails_the_build_with_a_sentence() -> None:
    steps = Steps()
    missing = Jvm(("/nowhere/java",))
    assert run(missing, "sh", steps) == FAILURE
    assert "the JVM cannot be started: No such file or directory (/nowhere/java)" in steps.calls[0][1]["text"]
    with pytest.raises(JvmGoneError):
        missing.start()


def test_job_dsl_errors_are_its_own(jvm: Jvm) -> None:
    with pytest.raises(DslError, match=r"^script 1, line 2: no$"):
        jvm.declare([("x", {})], [])


def test_compile_errors_come_as_a_list(jvm: Jvm) -> None:
    assert jvm.compile("Jenkinsfile", "x") == ["Jenkinsfile: 1: wrong"]
    assert jvm.compile("Jenkinsfile", "") == []


def test_closing_ends_a_build(jvm: Jvm) -> None:
    goes_on = threading.Event()
    steps, results = Steps(lambda step: goes_on.wait(20)), []
    build = threading.Thread(target=lambda: results.append(run(jvm, "waits", steps)))
    build.start()
    assert steps.called.wait(20)
    jvm.close()
    build.join(20)
    goes_on.set()
    assert results == [FAILURE]
    assert SUCCESS not in results
