"""The step `build`: builds of other jobs."""

import posixpath
import time
from typing import Any, Final

from sandbox.services.jenkins.model import ABORTED, SUCCESS, StepError
from sandbox.services.jenkins.running.session import Scene
from sandbox.services.jenkins.running.steps.registry import Arguments, flag, step

TICK: Final = 0.3


@step("build")
def build(scene: Scene, arguments: Arguments) -> dict[str, Any] | None:
    """Start a build of another job; return what became of it if it is waited for."""
    record, controller = scene.session.record, scene.session.controller
    job = resolve(record.job, str(arguments["job"]))
    parameters = {str(each["name"]): each.get("value") for each in arguments.get("parameters") or []}
    scene.say(f"Scheduling project: {shown(job)}")
    id = controller.schedule(job, parameters, f"{record.job} #{record.number}")
    if not flag(arguments, "wait", True) and not flag(arguments, "waitForStart"):
        return None
    number = _started(scene, id, job)
    name = f"{shown(job)} #{number}"
    scene.say(f"Starting building: {name}")
    if not flag(arguments, "wait", True):
        return _fields(scene, job, number, None)
    result = _finished(scene, id)
    scene.say(f"Build {name} completed: {result}")
    if result != SUCCESS and flag(arguments, "propagate", True):
        raise StepError(f"{name} completed with status {result} (propagate: false to ignore)", result)
    return _fields(scene, job, number, result)


def resolve(caller: str, name: str) -> str:
    """Return the full name of the job that a job calls `name`: relative to its folder, or absolute after a slash."""
    path = posixpath.normpath(posixpath.join("/", posixpath.dirname(caller), name)).strip("/")
    # Jenkins does not stop at the root either: what goes above it names nothing.
    depth = 0 if name.startswith("/") else caller.count("/")
    for part in name.split("/"):
        depth += {"..": -1, ".": 0, "": 0}.get(part, 1)
        if depth < 0:
            raise StepError(f"No item named {name} found: it leads out of the top folder")
    return path


def shown(job: str) -> str:
    """Return a job's name as Jenkins shows it."""
    return job.replace("/", " » ")


def _started(scene: Scene, id: int, job: str) -> int:
    while True:
        number, result = scene.session.controller.outcome(id)
        if number:
            return number
        if result:
            raise StepError(f"{shown(job)} was cancelled before it started", result)
        _pause(scene)


def _finished(scene: Scene, id: int) -> str:
    while True:
        _, result = scene.session.controller.outcome(id)
        if result:
            return result
        _pause(scene)


def _pause(scene: Scene) -> None:
    reason = scene.stopped()
    if reason:
        raise StepError(str(reason), ABORTED)
    time.sleep(TICK)


def _fields(scene: Scene, job: str, number: int, result: str | None) -> dict[str, Any]:
    path = "/".join(f"job/{name}" for name in job.split("/"))
    return {
        "number": number,
        "id": str(number),
        "result": result,
        "currentResult": result or SUCCESS,
        "absoluteUrl": f"{scene.session.controller.url}/{path}/{number}/",
        "displayName": f"#{number}",
        "fullDisplayName": f"{shown(job)} #{number}",
        "projectName": job.rpartition("/")[2],
        "fullProjectName": job,
        "buildVariables": {},
    }
