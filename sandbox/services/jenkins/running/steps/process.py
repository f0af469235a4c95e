"""The step `sh`."""

from sandbox.services.jenkins.model import StepError
from sandbox.services.jenkins.running import exec
from sandbox.services.jenkins.running.session import Scene
from sandbox.services.jenkins.running.steps.registry import Arguments, flag, step


@step("sh")
def sh(scene: Scene, arguments: Arguments) -> str | int | None:
    """Run a script in the container; return its output or exit code where that is asked for."""
    if flag(arguments, "returnStdout") and flag(arguments, "returnStatus"):
        raise StepError("cannot have both returnStdout and returnStatus")
    variables, directory = scene.environment(), scene.directory()
    variables |= {"PWD": directory, "WORKSPACE": scene.node().workspace, "NODE_NAME": scene.node().agent.name}
    if arguments.get("label"):
        scene.say(str(arguments["label"]))
    shown, kept = scene.session.log.output(scene.prefix()), exec.Collected("the output of sh with returnStdout")
    returns = flag(arguments, "returnStdout")
    try:
        code = exec.script(
            scene.place(), str(arguments["script"]), variables, directory, scene.temporary(), stopped=scene.stopped,
            out=kept.take if returns else shown.feed, err=shown.feed if returns else None,
        )  # fmt: skip
    finally:
        shown.end()
    if flag(arguments, "returnStatus"):
        return code
    if code:
        raise StepError(f"script returned exit code {code}")
    return kept.data.decode(errors="replace") if returns else None
