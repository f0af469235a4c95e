"""The step `sh`: output, exit codes, variables, and its end."""

import os
import threading
from pathlib import Path

import pytest

from sandbox.services.jenkins.model import ABORTED, FAILURE, SUCCESS, Credential, StepError
from sandbox.services.jenkins.running import exec
from tests.unit.sandbox.processes import wait_until
from tests.unit.sandbox.services.jenkins.running.build import Bench, Here, bench

SECRET = "s3cr3t-of-the-robot"


@pytest.fixture
def made(tmp_path: Path) -> Bench:
    """A build whose job sees one credential."""
    robot = Credential(id="registry", kind="usernamePassword", username="robot", secret=SECRET)
    return bench(tmp_path, credentials={"registry": robot})


def alive(pid: int) -> bool:
    """Tell whether a process runs (and is not only waiting to be reaped)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_output_and_commands_are_in_the_log(made: Bench) -> None:
    assert made.on_node(lambda here: here("sh", script="echo one\necho two >&2\n")) == SUCCESS
    assert "+ echo one\none\n+ echo two\ntwo\n" in made.record.log


def test_the_first_command_that_fails_ends_it(made: Bench) -> None:
    assert made.on_node(lambda here: here("sh", script="false\necho never")) == FAILURE
    assert "never" not in made.record.log
    assert "ERROR: script returned exit code 1" in made.record.log


def test_exit_code_and_output_are_returned(made: Bench) -> None:
    def work(here: Here) -> None:
        assert here("sh", script="exit 7", returnStatus=True) == 7
        assert here("sh", script="echo 'a value'; echo aside >&2", returnStdout=True) == "a value\n"

    assert made.on_node(work) == SUCCESS
    assert "+ echo a value" in made.record.log
    assert "aside\n" in made.record.log
    assert "\na value" not in made.record.log


def test_a_script_runs_by_its_own_first_line(made: Bench) -> None:
    made.on_node(lambda here: here("sh", script="#!/usr/bin/env python3\nprint(6 * 7)"))
    assert "\n42\n" in made.record.log


def test_variables_come_by_no_command_line_and_are_not_shown(made: Bench) -> None:
    def work(here: Here) -> None:
        opened = here("credentials.open", bindings=[
            {"kind": "usernamePassword", "credentialsId": "registry", "usernameVariable": "U", "passwordVariable": "P"},
        ])  # fmt: skip
        inside = here.within(env={**opened["env"], "PATH+X": "/own", "ODD": "it's\n$HOME", "not-a-name": "x"})
        assert inside("sh", script='echo "$ODD"', returnStdout=True) == "it's\n$HOME\n"
        assert inside("sh", script="echo ${PATH%%:*} $BUILD_NUMBER", returnStdout=True) == "/own 7\n"
        assert inside("sh", script='printf %s "$P" | wc -c', returnStdout=True).strip() == str(len(SECRET))
        inside("sh", script='echo "login $U with $P"; printf %s "$P" | base64')
        here("credentials.close", credentials=opened["credentials"])

    assert made.on_node(work) == SUCCESS
    assert SECRET not in made.record.log
    assert "Masking supported pattern matches of $P\n" in made.record.log
    assert "login robot with ****\n" in made.record.log
    assert "\n****\n" in made.record.log
    assert not [command for _, command in made.cluster.commands if SECRET in str(command)]


def test_nothing_of_a_script_stays(made: Bench) -> None:
    made.on_node(lambda here: here("sh", script="echo x"))
    assert not list(made.cluster.home.rglob("durable-*"))


def test_output_is_shown_while_the_script_runs(made: Bench) -> None:
    go, shown = made.cluster.home / "go", threading.Event()

    def watch() -> None:
        wait_until(lambda: "\nbegun\n" in made.record.log, "the first line is in the log")
        shown.set()
        go.touch()

    watcher = threading.Thread(target=watch)
    watcher.start()
    made.on_node(lambda here: here("sh", script=f"echo begun; until test -e {go}; do sleep 0.05; done"))
    watcher.join()
    assert shown.is_set()


def test_bytes_that_are_no_text(made: Bench) -> None:
    made.on_node(lambda here: here("sh", script="printf 'a\\377b\\n'"))
    assert "a�b\n" in made.record.log


def test_too_much_output_is_refused(made: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def work(here: Here) -> None:
        here("sh", script=f"head -c {exec.LARGEST + 1} /dev/zero", returnStdout=True)

    assert made.on_node(work) == FAILURE
    assert "the output of sh with returnStdout is larger than 10 MB" in made.record.log


def test_what_runs_in_the_background_does_not_hold_the_step(made: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exec, "LINGER_SECONDS", 0.1)
    monkeypatch.setattr(exec, "TICK", 0.05)

    def work(here: Here) -> None:
        assert here("sh", script="sleep 300 & echo $!; exit 3", returnStatus=True) == 3
        pid = int([line for line in made.record.log.splitlines() if line.isdigit()][-1])
        assert alive(pid)
        os.kill(pid, 9)

    assert made.on_node(work) == SUCCESS, made.record.log


@pytest.mark.parametrize("how", ["interrupt", "stopping"])
def test_a_stop_ends_all_processes_of_the_step(made: Bench, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exec, "TICK", 0.05)
    script = "trap 'echo trapped' TERM; setsid sleep 300 & echo pid $!; sleep 300 & echo pid $!; wait; wait"
    pids: list[int] = []

    def work(here: Here) -> None:
        def stop() -> None:
            wait_until(lambda: made.record.log.count("\npid ") == 2, "the script runs")
            if how == "interrupt":
                here("interrupt", calls=["5"])
            else:
                made.record.stopping = True

        stopper = threading.Thread(target=stop)
        stopper.start()
        with pytest.raises(StepError) as failed:
            here.within(id=5)("sh", script=script)
        stopper.join()
        assert failed.value.result == ABORTED
        pids.extend(int(line.split()[1]) for line in made.record.log.splitlines() if line.startswith("pid "))
        wait_until(lambda: not any(alive(pid) for pid in pids), "the processes are ended", 5)
        # What comes after, such as post conditions, still runs.
        assert here("sh", script="echo after", returnStdout=True) == "after\n"

    assert made.on_node(work) == SUCCESS, made.record.log
    assert len(pids) == 2
    assert not list(made.cluster.home.rglob("durable-*"))


def test_a_pod_that_is_deleted_under_a_step(made: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exec, "TICK", 0.05)

    def work(here: Here) -> None:
        def delete() -> None:
            wait_until(lambda: "\nbegun\n" in made.record.log, "the script runs")
            made.cluster.delete("agents", next(iter(made.cluster.pods)))

        thread = threading.Thread(target=delete)
        thread.start()
        here("sh", script="echo begun; sleep 300")

    assert made.on_node(work) == FAILURE
    assert "ERROR: Agent went offline: pod acme-build-alice-shop-7-" in made.record.log
    assert " was deleted\n" in made.record.log


def test_a_pod_that_is_evicted_silently(made: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exec, "TICK", 0.05)
    monkeypatch.setattr(exec, "LOOK_SECONDS", 0.05)

    def work(here: Here) -> None:
        pod = next(iter(made.cluster.pods.values()))
        pod["status"] = {"phase": "Failed", "reason": "Evicted", "message": "the node was low on memory"}
        here("sh", script="sleep 300")

    assert made.on_node(work) == FAILURE
    assert "ended: Evicted: the node was low on memory" in made.record.log


def test_outside_of_a_node(made: Bench) -> None:
    def pipeline(steps: object) -> None:
        Here(steps, {})("sh", script="true")  # type: ignore[arg-type]

    assert made.run(pipeline) == FAILURE
    assert "Required context class hudson.FilePath is missing" in made.record.log


def test_a_container_that_the_pod_has_not(made: Bench) -> None:
    assert made.on_node(lambda here: here.within(container="nope")("sh", script="true")) == FAILURE
    assert "container [nope] does not exist in pod" in made.record.log


def test_lines_of_a_branch_bear_its_name(made: Bench) -> None:
    made.on_node(lambda here: here.within(branch=["a", "b"])("sh", script="echo x; echo y"))
    assert "[b] + echo x\n[b] x\n[b] + echo y\n[b] y\n" in made.record.log
