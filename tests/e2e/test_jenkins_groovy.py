"""Pipelines in the stand-in for Jenkins, evaluated by real Groovy."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.services.jenkins.jvm import Jvm
from sandbox.services.jenkins.model import ABORTED, FAILURE, SUCCESS, UNSTABLE, StepError
from tests.e2e.groovy import BUILD, Recorded, run, stage, stages, started

ALL = "\n".join(
    f"{name} {{ echo '{name}' }}"
    for name in ("cleanup", "unsuccessful", "unstable", "success", "failure", "aborted", "regression", "fixed", "changed", "always")
)


LIBRARY = """
def call(Closure body) {
    def config = [:]
    body.resolveStrategy = Closure.DELEGATE_FIRST
    body.delegate = config
    body()
    echo "${config.name} ${helper(config.port)} of ${params.BRANCH}"
}
def helper(x) { x + 1 }
def other(Map given) { given.a }
"""


@pytest.fixture(scope="module")
def jvm() -> Iterator[Jvm]:
    with started() as found:
        yield found


@pytest.mark.parametrize(
    ("steps", "before", "result", "said"),
    [
        ("echo 'x'", SUCCESS, SUCCESS, ["always", "success", "cleanup"]),
        ("echo 'x'", FAILURE, SUCCESS, ["always", "changed", "fixed", "success", "cleanup"]),
        ("error 'x'", SUCCESS, FAILURE, ["always", "changed", "regression", "failure", "unsuccessful", "cleanup"]),
        ("unstable 'x'", UNSTABLE, UNSTABLE, ["always", "unstable", "unsuccessful", "cleanup"]),
    ],
)
def test_post_conditions_run_in_jenkins_order(jvm: Jvm, steps: str, before: str, result: str, said: list[str]) -> None:
    recorded = Recorded(before=before)
    assert run(jvm, f"pipeline {{ agent none\nstages {{ {stage('a', steps)} }}\npost {{ {ALL} }} }}", recorded) == result
    assert [each for each in recorded.said if each != "x"] == said


def test_a_failure_skips_the_stages_behind_it(jvm: Jvm) -> None:
    recorded = Recorded({"make": StepError("script returned exit code 2")})
    assert run(jvm, stages(stage("Make", "sh 'make'") + "\n" + stage("Push", "sh 'push'"), "agent any"), recorded) == FAILURE
    assert recorded.scripts == ["make"]
    assert 'Stage "Push" skipped due to earlier failure(s)' in recorded.log
    assert recorded.log[-1] == "ERROR: script returned exit code 2"
    assert recorded.calls[-1][0] == "node.close"


def test_fail_fast_interrupts_the_sisters(jvm: Jvm) -> None:
    recorded = Recorded({"fails": StepError("script returned exit code 1")})
    branches = stage("a", "sh 'waits'", "post { aborted { echo 'a was aborted' } }") + "\n" + stage("b", "sh 'fails'")
    both = f"stage('both') {{ failFast true\nparallel {{ {branches} }}\npost {{ failure {{ echo 'both failed' }} }} }}"
    assert run(jvm, stages(both, "agent any"), recorded) == FAILURE
    assert recorded.said == ["a was aborted", "both failed"]
    assert "[b] Failed in branch b" in recorded.log
    assert recorded.context("waits")["branch"] == ["a"]


@pytest.mark.parametrize(
    ("condition", "runs"),
    [
        ("expression { params.X == 'yes' }", True),
        ("expression { params.X != 'yes' }", False),
        ("environment name: 'E', value: 'one'", True),
        ("equals expected: 7, actual: currentBuild.number", True),
        ("not { equals expected: 7, actual: currentBuild.number }", False),
        ("allOf { environment name: 'E', value: 'one'; expression { false } }", False),
        ("anyOf { environment name: 'E', value: 'two'; expression { true } }", True),
        ("branch 'main'", False),
    ],
)
def test_when(jvm: Jvm, condition: str, runs: bool) -> None:
    recorded = Recorded()
    text = stages(stage("a", "echo 'ran'", f"when {{ {condition} }}"), "agent none\nenvironment { E = 'one' }")
    assert run(jvm, text, recorded, X="yes") == SUCCESS
    assert recorded.said == ["ran"] * runs
    assert ('Stage "a" skipped due to when conditional' in recorded.log) is not runs


def test_credentials_lie_over_the_environment_of_their_block_only(jvm: Jvm) -> None:
    recorded = Recorded()
    bound = "withCredentials([usernamePassword(credentialsId: 'registry', usernameVariable: 'U', passwordVariable: 'P')])"
    steps = f"sh 'before'\n{bound} {{ sh 'inside' }}\nsh 'after'"
    around = "agent { label 'x' }\noptions { skipDefaultCheckout() }\nenvironment { A = 'one'; B = \"${A}-two\"; C = credentials('id') }"
    assert run(jvm, stages(stage("a", steps), around), recorded) == SUCCESS
    outside = {"A": "one", "B": "one-two", "C": "both", "C_USR": "_USR", "C_PSW": "_PSW"}
    assert recorded.context("before")["env"] == outside
    assert recorded.context("inside")["env"] == {**outside, "U": "of registry", "P": "of registry"}
    assert recorded.context("after")["env"] == outside
    assert [step for step, _, _ in recorded.calls if step.startswith("credentials.")].count("credentials.close") == 2


def test_places_overlay_each_other(jvm: Jvm) -> None:
    recorded = Recorded()
    script = "node('x') { container('build') { dir('a') { dir('../b') { withEnv(['PATH+T=/t', 'V=$PATH']) { sh 'x' } } } } }"
    assert run(jvm, script, recorded) == SUCCESS
    found = recorded.context("x")
    assert (found["node"], found["container"], found["dir"]) == ("n1", "build", "/work/b")
    assert found["env"] == {"PATH": "/t:/bin", "V": "/t:/bin"}


def test_retry_until_it_works(jvm: Jvm) -> None:
    recorded = Recorded({"x": [StepError("no"), StepError("no"), None]})
    assert run(jvm, "node { retry(3) { sh 'x' } }", recorded) == SUCCESS
    assert recorded.scripts == ["x"] * 3


def test_a_timeout_interrupts_and_aborts(jvm: Jvm) -> None:
    recorded = Recorded()
    text = "node { try { timeout(time: 200, unit: 'MILLISECONDS') { sh 'waits' } } finally { sh 'cleans' } }"
    assert run(jvm, text, recorded) == ABORTED
    assert recorded.scripts == ["waits", "cleans"]
    assert "Cancelling nested steps due to timeout" in recorded.log


@pytest.mark.parametrize("steps", ["sh 'waits'", "sh 'waits first'\nscript { while (true) { } }"])
def test_a_stopped_build_still_runs_its_post_conditions(jvm: Jvm, steps: str) -> None:
    recorded = Recorded()
    text = stages(stage("a", steps), "agent any\npost { aborted { sh 'cleans' } }")
    results: list[str] = []
    build = threading.Thread(target=lambda: results.append(run(jvm, text, recorded)))
    build.start()
    assert recorded.waiting.wait(20)
    jvm.stop(BUILD)
    build.join(30)
    assert results == [ABORTED]
    assert recorded.scripts[-1] == "cleans"


def test_caught_errors_make_it_as_bad_as_they_say(jvm: Jvm) -> None:
    recorded = Recorded()
    caught = "catchError(buildResult: 'UNSTABLE', message: 'went on') { error 'no' }\nwarnError('warned') { error 'no' }"
    text = f"{caught}\necho currentBuild.currentResult"
    assert run(jvm, text, recorded) == UNSTABLE
    assert recorded.said == [UNSTABLE]
    assert {"went on", "warned", "ERROR: no"} <= set(recorded.log)


def test_a_library_runs_a_closure_with_its_delegate(jvm: Jvm, tmp_path: Path) -> None:
    folder = tmp_path / "vars"
    folder.mkdir()
    (folder / "service.groovy").write_text(LIBRARY)
    recorded = Recorded()
    text = "@Library('slipway') _\nservice {\n  name = 'shop'\n  port = 8079\n}\necho service.other(a: 'b')"
    assert run(jvm, text, recorded, {"slipway": tmp_path}, BRANCH="main") == SUCCESS
    assert recorded.said == ["shop 8080 of main", "b"]


def test_variables_without_def_outlive_their_script_block(jvm: Jvm) -> None:
    recorded = Recorded()
    steps = 'script { count = [1, 2, 3].collect { it * 2 }.sum(); env.TOTAL = "t${count}" }\necho "${count} ${TOTAL} ${env.BUILD_NUMBER}"'
    assert run(jvm, stages(stage("a", steps)), recorded) == SUCCESS
    assert recorded.said == ["12 t12 7"]


@pytest.mark.parametrize(
    ("text", "log"),
    [
        ("lock('x') { }", "java.lang.NoSuchMethodError: No such DSL method 'lock' found among steps [addGitLabMRComment, "),
        ("pipeline { agent none\nstages { stage('a') { step { echo 'x' } } } }", 'WorkflowScript: 2: Unknown stage section "step"'),
        ("pipeline { stages { stage('a') { steps { echo 'x' } } } }", 'Missing required section "agent"'),
        ("pipeline { agent none\nstages { stage('a') { steps {\ndef x = 1\n} } } }", "WorkflowScript: 3: Expected a step"),
        ("sh 'x'", "Required context class hudson.FilePath is missing"),
        ("@Library('other') _\necho 'x'", "No definition of a library other found"),
        ("echo 'x", "startup failed:\nWorkflowScript: 1:"),
        ("node { sh scrpt: 'x' }", "step sh: unknown parameter scrpt"),
    ],
)
def test_what_is_wrong_stands_in_the_log(jvm: Jvm, text: str, log: str) -> None:
    recorded = Recorded()
    assert run(jvm, text, recorded) == FAILURE
    assert log in "\n".join(recorded.log)
    assert "\tat java." not in "\n".join(recorded.log)


def test_builds_run_side_by_side(jvm: Jvm) -> None:
    first, second = Recorded(), Recorded()
    results: list[str] = []
    waiting = threading.Thread(target=lambda: results.append(run(jvm, "node { sh 'waits' }", first)))
    waiting.start()
    assert first.waiting.wait(20)
    assert jvm.run("other#1", "echo 'x'", libraries={}, implicit=(), parameters={}, environment={}, steps=second) == SUCCESS
    first.release()
    waiting.join(30)
    assert results == [SUCCESS]


def test_a_jvm_that_is_killed_fails_its_build_and_the_next_one_runs() -> None:
    recorded = Recorded()
    with started() as jvm:
        results: list[str] = []
        build = threading.Thread(target=lambda: results.append(run(jvm, "node { sh 'waits' }", recorded)))
        build.start()
        assert recorded.waiting.wait(20)
        jvm.close()
        build.join(30)
        recorded.release()
        assert results == [FAILURE]
        assert "ERROR: the JVM that runs pipelines has ended" in recorded.log[-1]
        assert run(jvm, "echo 'again'", Recorded()) == SUCCESS
