"""Steps that need nothing but the log and the build's record."""

import time
from typing import Final

from sandbox.services.jenkins.model import StepError
from sandbox.services.jenkins.running.session import Scene
from sandbox.services.jenkins.running.steps.registry import Arguments, step

TICK: Final = 0.2
UNITS: Final = {"MILLISECONDS": 0.001, "SECONDS": 1.0, "MINUTES": 60.0, "HOURS": 3600.0, "DAYS": 86400.0}


@step("log")
def log(scene: Scene, arguments: Arguments) -> None:
    """Write lines of the engine."""
    prefix = str(arguments.get("prefix") or "")
    scene.session.log.line("\n".join(prefix + line for line in str(arguments["text"]).split("\n")))


@step("echo")
def echo(scene: Scene, arguments: Arguments) -> None:
    """Write a message."""
    scene.say(str(arguments.get("message")))


@step("isUnix")
def is_unix(scene: Scene, arguments: Arguments) -> bool:
    """Tell that agents run Linux."""
    return True


@step("sleep")
def sleep(scene: Scene, arguments: Arguments) -> None:
    """Wait."""
    unit = str(arguments.get("unit") or "SECONDS")
    if unit not in UNITS:
        raise StepError(f"sleep: unit {unit!r}: expected one of {', '.join(UNITS)}")
    seconds = float(arguments["time"]) * UNITS[unit]
    scene.say(f"Sleeping for {seconds:g} sec")
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        reason = scene.stopped()
        if reason:
            raise reason
        time.sleep(min(TICK, left))


@step("milestone")
def milestone(scene: Scene, arguments: Arguments) -> None:
    """Pass: builds that run at once do not overtake each other here."""


@step("interrupt")
def interrupt(scene: Scene, arguments: Arguments) -> None:
    """Tell running steps to end."""
    for call in arguments.get("calls") or []:
        scene.session.interrupt(str(call))


@step("currentBuild")
def current_build(scene: Scene, arguments: Arguments) -> None:
    """Change how the build is shown."""
    hide, known = scene.session.log.masks.hide, ("displayName", "description")
    shown = {name: hide(str(arguments[name])) for name in known if arguments.get(name) is not None}
    scene.session.record.describe(display_name=shown.get("displayName"), description=shown.get("description"))


@step("previousBuild")
def previous_build(scene: Scene, arguments: Arguments) -> dict[str, object] | None:
    """Return {number, result} of the finished build before this one; None if there is none."""
    found = scene.session.controller.previous(scene.session.record.job, scene.session.record.number)
    return {"number": found[0], "result": found[1]} if found else None
