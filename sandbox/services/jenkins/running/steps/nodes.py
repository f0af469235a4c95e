"""Agents: `node`, and what is around it."""

from typing import Any
from uuid import uuid4

from sandbox.services.jenkins.model import StepError
from sandbox.services.jenkins.running import exec
from sandbox.services.jenkins.running.pods import Order
from sandbox.services.jenkins.running.session import Node, Scene, Session
from sandbox.services.jenkins.running.shell import quoted
from sandbox.services.jenkins.running.steps.registry import Arguments, step
from sandbox.services.jenkins.running.templates import AGENT

OTHER = {"label", "customWorkspace"}
"""Arguments that do not describe a pod."""


@step("node.open")
def open_node(scene: Scene, arguments: Arguments) -> dict[str, Any]:
    """Get an agent: by its label, or a pod of its own."""
    session, record = scene.session, scene.session.record
    if arguments.get("yamlFile"):
        raise StepError("yamlFile of an agent is not known here: give its text as yaml")
    if arguments.get("containerTemplate"):
        arguments = {**arguments, "containers": [arguments["containerTemplate"]]}
    own = bool(set(arguments) - OTHER)
    label = str(arguments.get("label") or "")
    url = str(record.environment.get("BUILD_URL") or session.controller.url)
    order = Order(record.job, record.number, url, label, arguments if own else None, scene.say, scene.stopped)
    agent = session.pods.open(order)
    workspace = f"{session.pods.home}/workspace/{record.job}"
    handle = uuid4().hex
    with session.lock:
        session.nodes[handle] = Node(agent, workspace)
    try:
        if reason := scene.stopped():
            raise reason
        made = f"mkdir -p {quoted(workspace)} {quoted(workspace + '@tmp')}"
        exec.output(agent.places[AGENT], f"{{ {made}; exit $?; }}\n", "the workspace", scene.stopped)
    except BaseException:
        close(session, handle)
        raise
    scene.say(f"Running on {agent.name} in {workspace}")
    variables = {
        **{"NODE_NAME": agent.name, "NODE_LABELS": f"{agent.labels} {agent.name}".strip(), "EXECUTOR_NUMBER": "0"},
        **{"WORKSPACE": workspace, "WORKSPACE_TMP": f"{workspace}@tmp"},
    }
    return {"node": handle, "workspace": workspace, "container": agent.container, "env": variables}


@step("node.close")
def close_node(scene: Scene, arguments: Arguments) -> None:
    """Give an agent up."""
    close(scene.session, str(arguments["node"]))


def close(session: Session, handle: str) -> None:
    """Delete the pod of a node that is open."""
    with session.lock:
        node = session.nodes.pop(handle, None)
    if node:
        session.pods.close(node.agent)
