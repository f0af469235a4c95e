"""Agents: what pods they are, who waits for one, what hinders them, and that none is left."""

import threading
from pathlib import Path
from typing import Any

import pytest

from sandbox.services.jenkins.model import ABORTED, FAILURE, SUCCESS, StepError, Steps
from sandbox.services.jenkins.running import manifests, templates
from sandbox.services.jenkins.running.ports import ClusterError, Manifest
from tests.unit.sandbox.processes import wait_until
from tests.unit.sandbox.services.jenkins.running.build import TEMPLATE, Bench, bench


@pytest.fixture
def made(tmp_path: Path) -> Bench:
    """A build."""
    return bench(tmp_path)


def opened(made: Bench, **arguments: Any) -> str:
    """Run a build that opens a node."""

    def pipeline(steps: Steps) -> None:
        node = steps.call("node.open", arguments, {})
        steps.call("node.close", {"node": node["node"]}, {})

    return made.run(pipeline)


def test_a_pod_has_what_the_plugin_gives_it(made: Bench) -> None:
    text = "metadata: {labels: {own: label}}\nspec: {containers: [{name: tools, image: t, command: [sleep], args: [infinity]}]}"
    assert opened(made, yaml=text, defaultContainer="tools", showRawYaml=False) == SUCCESS
    [pod] = made.cluster.created
    meta, spec, home = pod["metadata"], pod["spec"], str(made.cluster.home)
    assert meta["name"].startswith("acme-build-alice-shop-7-")
    assert meta["labels"] == {
        "own": "label",
        "jenkins": "slave", "jenkins/label": meta["name"], manifests.BUILD_LABEL: manifests.digest("acme/build/alice-shop", 7)
    }  # fmt: skip
    assert meta["annotations"] == {"buildUrl": "http://jenkins.test/7/"}
    assert spec["restartPolicy"] == "Never"
    assert spec["volumes"] == [{"name": "workspace-volume", "emptyDir": {}}]
    tools, agent = spec["containers"]
    mount = {"name": "workspace-volume", "mountPath": home, "readOnly": False}
    assert tools == {"name": "tools", "image": "t", "command": ["sleep"], "args": ["infinity"], "workingDir": home, "volumeMounts": [mount]}
    variables = {each["name"]: each["value"] for each in agent["env"]}
    assert (agent["name"], agent["image"], agent["volumeMounts"]) == ("jnlp", manifests.IMAGE, [mount])
    assert variables["JENKINS_URL"] == "http://jenkins.test/"
    assert variables["JENKINS_AGENT_NAME"] == meta["name"]
    assert variables["JENKINS_SECRET"] == ""


def test_a_label_means_a_template(made: Bench) -> None:
    assert opened(made, label="slipway-build") == SUCCESS
    [pod] = made.cluster.created
    assert [each["image"] for each in pod["spec"]["containers"]] == ["agent"]
    assert pod["metadata"]["labels"]["jenkins/label"] == "slipway-build"
    log = made.record.log
    assert f"Created Pod: kubernetes agents/{pod['metadata']['name']}" in log
    assert f"Running on {pod['metadata']['name']} in {made.cluster.home}/workspace/acme/build/alice-shop" in log


def test_templates_are_inherited() -> None:
    parent = {
        "name": "base",
        "nodeSelector": "a=1",
        "containers": [{"name": "jnlp", "image": "old", "envVars": [{"envVar": {"key": "A", "value": 1}}]}],
    }
    child = {
        "inheritFrom": "base",
        "yaml": "spec: {containers: [{name: jnlp, image: new, env: [{name: B, value: '2'}]}], nodeSelector: {b: '2'}}",
    }
    pod = templates.merged([parent], child)
    assert pod["spec"]["nodeSelector"] == {"a": "1", "b": "2"}
    [agent] = pod["spec"]["containers"]
    assert agent["image"] == "new"
    assert agent["env"] == [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    with pytest.raises(StepError, match="Template not found: nope; the cloud has: base"):
        templates.merged([parent], {"inheritFrom": "nope"})
    with pytest.raises(StepError, match="inherits from itself"):
        templates.merged([{"name": "x", "inheritFrom": "x"}], {"inheritFrom": "x"})


@pytest.mark.parametrize(("job", "start"), [("acme/Build/Ä_b", "acme-build-b-7-"), ("x" * 90, "x" * 50), ("/", "job-7-")])
def test_names_of_pods_are_names_of_hosts(job: str, start: str) -> None:
    name = manifests.pod_name(job, 7)
    assert name.startswith(start)
    assert len(name) <= 63
    assert name.isascii()
    assert name == name.lower()


def test_what_cannot_be_read_or_started(made: Bench) -> None:
    assert opened(made, yaml="spec: [") == FAILURE
    assert opened(made, yaml="spec: {containers: [{name: tools}]}") == FAILURE
    assert "container tools of the pod has no image" in made.record.log
    made.cluster.refuse = ClusterError(403, 'pods "x" is forbidden: violates PodSecurity "baseline:latest"')
    assert opened(made, label="slipway-build") == FAILURE
    assert 'violates PodSecurity "baseline:latest"' in made.record.log


def waiting(reason: str) -> Any:
    """Return what makes the status of a pod whose container waits."""

    def status(pod: Manifest) -> dict[str, Any]:
        state = {"waiting": {"reason": reason, "message": "manifest unknown"}}
        return {"phase": "Pending", "containerStatuses": [{"name": "jnlp", "image": "agent", "ready": False, "state": state}]}

    return status


def test_an_image_that_cannot_be_pulled_ends_the_build(made: Bench) -> None:
    made.cluster.status = waiting("ErrImagePull")
    made.cluster.events_of = [
        {"type": "Warning", "reason": "Failed", "message": "Failed to pull image"}, {"type": "Normal", "reason": "Pulling", "message": "x"}
    ]  # fmt: skip
    assert opened(made, label="slipway-build") == ABORTED
    log = made.record.log
    assert log.count("waits: ErrImagePull: manifest unknown") == 1
    assert 'Unable to pull container image "agent". Check if image tag name is spelled correctly.' in log
    assert log.count("[Failed] Failed to pull image") == 1
    assert "Pulling" not in log
    assert not made.cluster.pods


def test_a_container_that_ends_at_once(made: Bench) -> None:
    def status(pod: Manifest) -> dict[str, Any]:
        state = {"terminated": {"exitCode": 2, "reason": "Error"}}
        return {"phase": "Running", "containerStatuses": [{"name": "jnlp", "ready": False, "state": state}]}

    made.cluster.status = status
    assert opened(made, label="slipway-build") == FAILURE
    assert "jnlp: log of jnlp" in made.record.log
    assert "was terminated (Exit Code: 2, Reason: Error)" in made.record.log
    assert not made.cluster.pods


def stopped_while_it_waits(made: Bench, label: str, said: str) -> str:
    """The result of a build for an agent of this label, which is stopped once the log has said so."""

    def stop() -> None:
        wait_until(lambda: said in made.record.log, "it waits")
        made.record.stopping = True

    thread = threading.Thread(target=stop)
    thread.start()
    result = opened(made, label=label)
    thread.join()
    return result


def test_a_label_without_a_template_waits_until_it_is_stopped(made: Bench) -> None:
    assert stopped_while_it_waits(made, "other", "'Jenkins' doesn't have label 'other'") == ABORTED
    assert made.record.log.count("Still waiting to schedule task") == 1
    assert not made.cluster.created


def test_the_limit_holds_and_who_came_first_goes_first(tmp_path: Path) -> None:
    made = bench(tmp_path, limit=1)
    order: list[int] = []

    def branch(steps: Steps, number: int, before: threading.Event, go: threading.Event) -> None:
        before.wait(10)
        node = steps.call("node.open", {"label": "slipway-build"}, {"branch": [str(number)]})
        order.append(number)
        go.wait(10)
        steps.call("node.close", {"node": node["node"]}, {})

    def pipeline(steps: Steps) -> None:
        go, ready = threading.Event(), [threading.Event() for _ in range(3)]
        threads = [threading.Thread(target=branch, args=(steps, number, ready[number], go)) for number in range(3)]
        for number, thread in enumerate(threads):
            thread.start()
            ready[number].set()
            what = (lambda: order == [0]) if number == 0 else (lambda: f"[{number}] Still waiting" in made.record.log)  # noqa: B023
            wait_until(what, f"branch {number} is in line")
        go.set()
        for thread in threads:
            thread.join()

    assert made.run(pipeline) == SUCCESS
    assert order == [0, 1, 2]
    assert made.cluster.most == 1
    assert made.record.log.count("Waiting for next available executor") == 2


def test_no_pod_of_a_build_is_left(made: Bench) -> None:
    def pipeline(steps: Steps) -> None:
        steps.call("node.open", {"label": "slipway-build"}, {})
        raise RuntimeError("the engine broke")

    with pytest.raises(RuntimeError, match="broke"):
        made.run(pipeline)
    assert made.cluster.created
    assert not made.cluster.pods


def test_the_start_of_the_controller_deletes_what_no_build_owns(made: Bench) -> None:
    for number in (1, 2):
        labels = {manifests.BUILD_LABEL: manifests.digest("a/b", number)}
        made.cluster.create("agents", {"metadata": {"name": f"pod-{number}", "labels": labels}, "spec": {"containers": []}})
    made.cluster.create("agents", {"metadata": {"name": "other", "labels": {}}, "spec": {"containers": []}})
    assert made.pods.sweep([("a/b", 1)]) == ["pod-2"]
    assert set(made.cluster.pods) == {"pod-1", "other"}


def test_a_changed_configuration_counts_at_once(tmp_path: Path) -> None:
    made = bench(tmp_path, templates=())

    def add() -> None:
        wait_until(lambda: "Still waiting" in made.record.log, "it waits")
        made.controller.templates = [TEMPLATE]

    thread = threading.Thread(target=add)
    thread.start()
    assert made.on_node(lambda here: here("echo", message="on")) == SUCCESS
    thread.join()


def test_a_step_that_outlives_its_build_leaves_no_pod(tmp_path: Path) -> None:
    made = bench(tmp_path, limit=1)
    late: list[threading.Thread] = []
    failures: list[str] = []

    def open_late(steps: Steps) -> None:
        try:
            steps.call("node.open", {"label": "slipway-build"}, {})
        except StepError as error:
            failures.append(str(error))

    def pipeline(steps: Steps) -> None:
        steps.call("node.open", {"label": "slipway-build"}, {})
        late.append(threading.Thread(target=open_late, args=(steps,)))
        late[0].start()
        wait_until(lambda: "Still waiting" in made.record.log, "the second agent is waited for")

    assert made.run(pipeline) == SUCCESS
    late[0].join()
    assert failures == ["Aborted"]
    assert not made.cluster.pods


def test_an_agent_of_any_kind_waits_as_there_is_no_executor(made: Bench) -> None:
    assert stopped_while_it_waits(made, "", "Waiting for next available executor") == ABORTED
