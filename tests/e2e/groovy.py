"""The Groovy of the stand-in for Jenkins, in its image and without the rest of it: a JVM, and steps that are only written down."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox import engine
from sandbox.images.build import ensure
from sandbox.services.jenkins.jvm import COMMAND, Jvm
from sandbox.services.jenkins.model import ABORTED, StepError
from sandbox.tools import build as tools

BUILD = "acme/build/alice-shop#7"
ENVIRONMENT = {"BUILD_NUMBER": "7", "JOB_NAME": "acme/build/alice-shop"}


def command() -> tuple[str, ...]:
    """What starts the JVM in the image."""
    found = engine.connect()
    image = ensure(found.client, tools.ensure())["jenkins"]
    docker = ("docker", "--host", found.address, "run", "--rm", "--interactive", "--network", "none")
    return (*docker, "--entrypoint", COMMAND[0], image, *COMMAND[1:])


@contextmanager
def started() -> Iterator[Jvm]:
    """A JVM that runs, and ends with the block."""
    jvm = Jvm(command())
    try:
        jvm.start()
        yield jvm
    finally:
        jvm.close()


class Recorded:
    """Steps that write down what they were asked for.

    `answers`: what a `sh` returns, or raises, by its script; `waits` in a script blocks it until it is interrupted or `release` is called.
    """

    def __init__(self, answers: Mapping[str, Any] | None = None, before: str | None = None) -> None:
        self.log: list[str] = []
        self.calls: list[tuple[str, Mapping[str, Any], Mapping[str, Any]]] = []
        self.waiting = threading.Event()
        self._answers = answers or {}
        self._before = before
        self._blocked: dict[int, threading.Event] = {}
        self._interrupted: set[int] = set()

    def call(self, step: str, arguments: Mapping[str, Any], context: Mapping[str, Any]) -> Any:
        if step == "log":
            self.log.append(arguments.get("prefix", "") + arguments["text"])
            return None
        self.calls.append((step, dict(arguments), dict(context)))
        do: Callable[[Mapping[str, Any], Mapping[str, Any]], Any] | None = getattr(self, "_" + step.replace(".", "_"), None)
        return do(arguments, context) if do else None

    @property
    def said(self) -> list[str]:
        """What was echoed."""
        return [arguments["message"] for step, arguments, _ in self.calls if step == "echo"]

    @property
    def scripts(self) -> list[str]:
        """What was run by `sh`."""
        return [arguments["script"] for step, arguments, _ in self.calls if step == "sh"]

    def context(self, script: str) -> Mapping[str, Any]:
        """Where a script ran."""
        return next(context for step, arguments, context in self.calls if step == "sh" and arguments["script"] == script)

    def release(self) -> None:
        """Let every script that waits go on."""
        for event in self._blocked.values():
            event.set()

    def _sh(self, arguments: Mapping[str, Any], context: Mapping[str, Any]) -> Any:
        if "waits" in arguments["script"]:
            event = self._blocked.setdefault(context["id"], threading.Event())
            self.waiting.set()
            event.wait(30)
            if context["id"] in self._interrupted:
                raise StepError("script returned exit code 143", ABORTED)
        answer = self._answers.get(arguments["script"])
        if isinstance(answer, list):
            answer = answer.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _interrupt(self, arguments: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        for call in arguments["calls"]:
            self._interrupted.add(call)
            self._blocked.setdefault(call, threading.Event()).set()

    def _previousBuild(self, arguments: Mapping[str, Any], context: Mapping[str, Any]) -> Any:  # noqa: N802
        return {"result": self._before, "number": 6} if self._before else None

    def _node_open(self, arguments: Mapping[str, Any], context: Mapping[str, Any]) -> Any:
        return {"node": "n1", "workspace": "/work", "container": "jnlp", "env": {"WORKSPACE": "/work", "PATH": "/bin"}}

    def _credentials_open(self, arguments: Mapping[str, Any], context: Mapping[str, Any]) -> Any:
        values: dict[str, str] = {}
        for binding in arguments["bindings"]:
            if binding["kind"] == "environment":
                values |= {binding["variable"] + end: end or "both" for end in ("", "_USR", "_PSW")}
            else:
                values |= {value: f"of {binding['credentialsId']}" for name, value in binding.items() if name.endswith("ariable")}
        return {"env": values, "handle": 1}


def run(jvm: Jvm, script: str, steps: Recorded, libraries: Mapping[str, Path] | None = None, **parameters: Any) -> str:
    """Run a pipeline; returns its result."""
    return jvm.run(
        BUILD, script, libraries=libraries or {}, implicit=(), parameters=parameters, environment=ENVIRONMENT, steps=steps
    )  # fmt: skip


def stages(body: str, around: str = "agent none") -> str:
    """A pipeline of these stages."""
    return f"pipeline {{\n{around}\nstages {{\n{body}\n}}\n}}"


def stage(name: str, steps: str, rest: str = "") -> str:
    """A stage of these steps."""
    return f"stage('{name}') {{\n{rest}\nsteps {{\n{steps}\n}}\n}}"
