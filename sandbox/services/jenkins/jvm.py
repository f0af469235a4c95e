"""Groovy: the engine whose pipelines and Job DSL run in a JVM of their own."""

import os
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sandbox.services.jenkins import jvm_libraries
from sandbox.services.jenkins.jvm_items import item
from sandbox.services.jenkins.jvm_process import JvmGoneError, JvmProcess, JvmRefusedError, Message
from sandbox.services.jenkins.model import FAILURE, DslError, Item, StepError, Steps

COMMAND = (
    "java",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xshare:auto",
    "-Xmx384m",
    "-cp",
    os.environ.get("GROOVY_CLASSPATH", "/opt/jenkins/classes:/opt/jenkins/jars/*"),
    "standin.Main",
)
"""Starts the JVM in the stand-in's image."""


class Jvm:
    """Engine. Arguments: `command`, what starts the JVM. It is started by `start`, or by the first request, and anew after it has ended."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = tuple(command)
        self._lock = threading.Lock()
        self._process: JvmProcess | None = None
        self._steps: dict[tuple[JvmProcess, str], Steps] = {}

    def start(self) -> None:
        """Start the JVM if it is not running, and wait until it answers. Raises JvmGoneError if it does not."""
        self._running().ask({"op": "compile", "name": "Jenkinsfile", "text": ""})

    def close(self) -> None:
        """End the JVM; builds that run end as failed."""
        with self._lock:
            process, self._process = self._process, None
        if process:
            process.close()

    def run(self, build: str, script: str, *, libraries: Mapping[str, Path], implicit: Sequence[str], parameters: Mapping[str, Any],
            environment: Mapping[str, str], steps: Steps) -> str:  # fmt: skip
        """See Engine. A JVM that ends meanwhile fails the build, with a sentence in its log."""
        try:
            return self._run(build, script, libraries, implicit, parameters, environment, steps)
        except (JvmGoneError, JvmRefusedError, ValueError) as error:
            steps.call("log", {"text": f"ERROR: {error}"}, {"node": None, "container": "", "dir": "", "env": {}, "branch": [], "stage": ""})
            return FAILURE

    def stop(self, build: str) -> None:
        """See Engine. A build that does not run is none to stop."""
        with self._lock:
            processes = [process for process, id in self._steps if id == build]
        for process in processes:
            process.send({"op": "stop", "build": build})

    def declare(self, scripts: Sequence[tuple[str, Mapping[str, str]]], items: Sequence[str]) -> tuple[list[Item], list[str]]:
        """See Engine."""
        told = [{"text": text, "environment": dict(environment)} for text, environment in scripts]
        try:
            found = self._running().ask({"op": "declare", "scripts": told, "items": list(items)})
        except (JvmGoneError, JvmRefusedError) as error:
            raise DslError(str(error)) from None
        return [item(each) for each in found["items"]], list(found["deleted"])

    def compile(self, name: str, text: str) -> list[str]:
        """The errors of a script, each as `name: line: message`, without running it.

        `name` tells its kind: `...Jenkinsfile`, `vars/NAME.groovy`, or anything else for Job DSL. Raises JvmGoneError if the JVM ends.
        """
        return [str(each) for each in self._running().ask({"op": "compile", "name": name, "text": text})]

    def _run(self, build: str, script: str, libraries: Mapping[str, Path], implicit: Sequence[str], parameters: Mapping[str, Any],
             environment: Mapping[str, str], steps: Steps) -> str:  # fmt: skip
        request = {
            "op": "run",
            "build": build,
            "script": script,
            "libraries": {name: jvm_libraries.texts(folder) for name, folder in libraries.items()},
            "implicit": list(implicit),
            "parameters": dict(parameters),
            "environment": dict(environment),
        }
        process = self._running()
        with self._lock:
            self._steps[process, build] = steps
        try:
            return str(process.ask(request))
        finally:
            with self._lock:
                del self._steps[process, build]

    def _running(self) -> JvmProcess:
        with self._lock:
            if self._process is None or not self._process.alive:
                self._process = JvmProcess(self._command, self._called)
            return self._process

    def _called(self, process: JvmProcess, message: Message) -> None:
        if "call" in message:
            # A step may block for hours, and may need another one to end it: none waits for a free thread.
            threading.Thread(target=self._answer, args=(process, message), name=f"step {message['step']}", daemon=True).start()

    def _answer(self, process: JvmProcess, message: Message) -> None:
        answer: dict[str, Any] = {"answer": message["call"]}
        try:
            answer["value"] = self._do(process, message)
        except StepError as error:
            answer |= {"error": str(error), "result": error.result}
        except Exception as error:
            # The error's text may hold a secret: its kind is told, and where it comes from.
            told = f"step {message['step']}: {type(error).__name__} in the stand-in"
            print(told, *traceback.format_tb(error.__traceback__), sep="\n", file=sys.stderr)
            answer |= {"error": told, "result": FAILURE}
        finally:
            process.send(answer)

    def _do(self, process: JvmProcess, message: Message) -> Any:
        with self._lock:
            steps = self._steps.get((process, message["build"]))
        if steps is None:
            raise StepError(f"build {message['build']} has ended; the step {message['step']} came too late")
        return steps.call(message["step"], message["arguments"], message["context"])
