"""A build as the runner sees it, with a controller that says what it is told to say."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.services.jenkins.model import Cloud, Credential, Definition, Item, Library, StepError, Steps
from sandbox.services.jenkins.running import run
from sandbox.services.jenkins.running.pods import Pods
from tests.unit.sandbox.services.jenkins.running.local_cluster import LocalCluster

JOB = "acme/build/alice-shop"
TEMPLATE = {"name": "build", "label": "slipway-build", "showRawYaml": False, "yaml": "spec: {containers: [{name: jnlp, image: agent}]}"}


@dataclass
class Record:
    """A build."""

    folder: Path
    item: Item = field(default_factory=lambda: Item(path=JOB, kind="job", definition=Definition(text="script")))
    job: str = JOB
    number: int = 7
    parameters: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=lambda: {"BUILD_NUMBER": "7", "BUILD_URL": "http://jenkins.test/7/"})
    stopping: bool = False
    log: str = ""
    shown: dict[str, str | None] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def write(self, text: str) -> None:
        """Append to the log."""
        with self.lock:
            self.log += text

    def describe(self, *, display_name: str | None = None, description: str | None = None) -> None:
        """Keep what is shown."""
        self.shown |= {"display_name": display_name, "description": description}


@dataclass
class FakeController:
    """A controller."""

    url: str = "http://jenkins.test"
    credentials: dict[str, Credential] = field(default_factory=dict)
    limit: int = 0
    templates: Sequence[Mapping[str, Any]] = (TEMPLATE,)
    known: Sequence[Library] = ()
    connection: tuple[str, str] | None = None
    scheduled: list[tuple[str, Mapping[str, Any], str]] = field(default_factory=list)
    outcomes: list[tuple[int, str | None]] = field(default_factory=list)

    def credential(self, id: str, job: str) -> Credential | None:
        """Return a credential."""
        return self.credentials.get(id)

    def cloud(self) -> Cloud | None:
        """Return the cloud."""
        return Cloud(name="kubernetes", namespace="agents", limit=self.limit, templates=self.templates)

    def previous(self, job: str, number: int) -> tuple[int, str] | None:
        return None

    def libraries(self, job: str) -> Sequence[Library]:
        """Return the libraries."""
        return self.known

    def gitlab(self, connection: str) -> tuple[str, str] | None:
        """Return the connection."""
        return self.connection

    def schedule(self, job: str, parameters: Mapping[str, Any], cause: str) -> int:
        """Note a build."""
        self.scheduled.append((job, parameters, cause))
        return 1

    def outcome(self, queue_id: int) -> tuple[int, str | None]:
        """Return the next outcome."""
        return self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]


Pipeline = Callable[[Steps], object]


@dataclass
class Script:
    """An engine whose pipeline is a function. `given`: what it was run with."""

    pipeline: Pipeline
    given: dict[str, Any] = field(default_factory=dict)

    def run(self, build: str, script: str, *, libraries: Mapping[str, Path], implicit: Sequence[str], parameters: Mapping[str, Any],
            environment: Mapping[str, str], steps: Steps) -> str:  # fmt: skip
        """Run the function; a step that fails ends the build."""
        files = {name: sorted(path.name for path in (folder / "vars").iterdir()) for name, folder in libraries.items()}
        self.given = {"build": build, "script": script, "files": files, "implicit": implicit, "environment": environment}
        try:
            self.pipeline(steps)
        except StepError as error:
            steps.call("log", {"text": f"ERROR: {error}"}, {})
            return error.result
        return "SUCCESS"

    def stop(self, build: str) -> None:
        """Not needed."""

    def declare(self, scripts: Sequence[tuple[str, Mapping[str, str]]], items: Sequence[str]) -> tuple[list[Item], list[str]]:
        """Not needed."""
        return [], []


@dataclass
class Bench:
    """All that a build needs."""

    record: Record
    controller: FakeController
    cluster: LocalCluster
    pods: Pods

    def run(self, pipeline: Pipeline) -> str:
        """Run a build whose pipeline is a function."""
        return run(self.record, self.controller, Script(pipeline), self.pods)

    def on_node(self, work: Callable[["Here"], object]) -> str:
        """Run a build that works on one agent."""

        def pipeline(steps: Steps) -> None:
            opened = steps.call("node.open", {"label": "slipway-build"}, {})
            here = Here(steps, {"node": opened["node"], "dir": opened["workspace"], "container": opened["container"], "env": {}})
            try:
                work(here)
            finally:
                steps.call("node.close", {"node": opened["node"]}, {})

        return self.run(pipeline)


@dataclass
class Here:
    """Steps on an agent."""

    steps: Steps
    context: dict[str, Any]

    def __call__(self, step: str, **arguments: Any) -> Any:
        """Do a step."""
        return self.steps.call(step, arguments, self.context)

    def within(self, **changes: Any) -> "Here":
        """Return the steps in another context."""
        return Here(self.steps, {**self.context, **changes})


def bench(folder: Path, **controller: Any) -> Bench:
    """Everything for a build with its files in `folder`."""
    home, builds = folder / "agent", folder / "builds"
    home.mkdir(parents=True)
    builds.mkdir()
    made, cluster = FakeController(**controller), LocalCluster(home)
    pods = Pods(cluster, made.cloud, lambda: made.url, tick=0.01, patience=0.05, home=str(home))
    return Bench(Record(builds), made, cluster, pods)
