"""What the parts of the stand-in tell each other: items, credentials, builds, and the steps of a pipeline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

ABORTED, FAILURE, NOT_BUILT, SUCCESS, UNSTABLE = "ABORTED", "FAILURE", "NOT_BUILT", "SUCCESS", "UNSTABLE"
"""Results of a build, in Jenkins' words."""


@dataclass(frozen=True, kw_only=True)
class Credential:
    """A stored credential. `kind`: usernamePassword, string, file or gitLabApiTokenImpl; `secret` is password, text, content or token."""

    id: str
    kind: str
    secret: str = field(repr=False)
    username: str = ""
    description: str = ""
    scope: str = "GLOBAL"


@dataclass(frozen=True, kw_only=True)
class Scm:
    """A Git repository: its URL, the branch, tag (refs/tags/...) or commit, and the credential's id."""

    url: str
    revision: str
    credential: str = ""


@dataclass(frozen=True, kw_only=True)
class Definition:
    """Where a job's Jenkinsfile comes from: `scm` and `path` in it; or its text."""

    scm: Scm | None = None
    path: str = "Jenkinsfile"
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter of a job. `kind`: string, boolean, choice or text; `choices` for a choice, whose default is the first."""

    name: str
    kind: str = "string"
    default: str = ""
    description: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Item:
    """A folder or job as Job DSL declared it. `path`: full name as `acme/build/alice-shop`; `kind`: folder or job.

    `gitlab_trigger`: the setters of the GitLab plugin's trigger that were called, by their names without `set`, or None.
    """

    path: str
    kind: str
    description: str = ""
    credentials: tuple[Credential, ...] = ()
    libraries: "tuple[Library, ...]" = ()
    """Shared libraries of a folder, for the jobs below it."""
    parameters: tuple[Parameter, ...] = ()
    concurrent: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)
    builds_to_keep: int | None = None
    gitlab_connection: str = ""
    gitlab_trigger: Mapping[str, Any] | None = field(default=None, repr=False)
    definition: Definition | None = None


@dataclass(frozen=True, kw_only=True)
class Library:
    """A global shared library: where `vars/` lies."""

    name: str
    scm: Scm
    implicit: bool = False


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """The Kubernetes cloud: namespace of agent pods, how many at once (0: no limit), and its pod templates as JCasC gives them."""

    name: str
    namespace: str
    limit: int
    templates: Sequence[Mapping[str, Any]] = ()


class StepError(Exception):
    """A step failed: `result` is what the build ends with unless somebody catches it. The message is shown in the log."""

    def __init__(self, message: str, result: str = FAILURE) -> None:
        super().__init__(message)
        self.result = result


class Steps(Protocol):
    """What a pipeline in the JVM asks Python to do. Called from one thread for each branch that runs in parallel."""

    def call(self, step: str, arguments: Mapping[str, Any], context: Mapping[str, Any]) -> Any:
        """Do a step and return its JSON value. Raises StepError. Blocks while the step runs.

        `context`: `node` (handle that `node.open` returned, or None), `container`, `dir` (absolute, or empty outside of a node), `env`
        (variables set so far by environment, withEnv, withCredentials), `branch` (names of the parallel branches it is in), `stage`.

        Steps with a block arrive as two calls: `node.open` {label} | {yaml, inheritFrom, ...} -> {node, workspace, container, env} and
        `node.close` {node}; `credentials.open` {bindings: [{kind, credentialsId, ...variables}]} -> {env} and `credentials.close`;
        `gitlab.status.open` / `close` {name, state}. `log` {text, prefix?} writes lines of the engine itself, as `[Pipeline] sh`.
        """
        ...


class Engine(Protocol):
    """Groovy in the JVM."""

    def run(self, build: str, script: str, *, libraries: Mapping[str, Path], implicit: Sequence[str], parameters: Mapping[str, Any],
            environment: Mapping[str, str], steps: Steps) -> str:  # fmt: skip
        """Run a Jenkinsfile to its end and return the result. `libraries`: name to the checkout that holds vars/; `implicit`: those that
        need no @Library. `build` names it for `stop`. Every failure of the script is written by the step `log` and becomes a result."""
        ...

    def stop(self, build: str) -> None:
        """Interrupt a build: its running step is told by Steps' owner, post conditions still run, the result is ABORTED."""
        ...

    def declare(self, scripts: Sequence[tuple[str, Mapping[str, str]]], items: Sequence[str]) -> tuple[list[Item], list[str]]:
        """Run Job DSL scripts, each with its environment, in this order. `items`: `path kind description` of what exists, for scripts that
        look around. Returns what was declared and the paths that were deleted. Raises DslError."""
        ...


class DslError(ValueError):
    """A Job DSL script is wrong: line and reason."""


class BuildRecord(Protocol):
    """A build as its runner sees it."""

    job: str
    number: int
    folder: Path
    """Its own folder, for artifacts in `archive/`."""
    parameters: Mapping[str, Any]
    environment: Mapping[str, str]
    """Everything that a build knows from its start: BUILD_NUMBER, JOB_NAME, BUILD_URL, gitlabBranch ..., and the job's own variables."""
    item: Item
    stopping: bool

    def write(self, text: str) -> None:
        """Append to the console log."""
        ...

    def describe(self, *, display_name: str | None = None, description: str | None = None) -> None:
        """Change how it is shown."""
        ...


class Controller(Protocol):
    """What a running build may ask of the controller."""

    url: str

    def credential(self, id: str, job: str) -> Credential | None:
        """The credential that the job may use: of its folders, from the nearest up, then the global ones; None if it may see none."""
        ...

    def cloud(self) -> Cloud | None: ...

    def libraries(self, job: str) -> Sequence[Library]:
        """The shared libraries that a job may use, one for each name: a folder's goes before one above it, and that before a global one."""
        ...

    def previous(self, job: str, number: int) -> tuple[int, str] | None:
        """Number and result of the last build before this one that has ended; None if there is none."""
        ...

    def gitlab(self, connection: str) -> tuple[str, str] | None:
        """URL and API token of a GitLab connection."""
        ...

    def schedule(self, job: str, parameters: Mapping[str, Any], cause: str) -> int:
        """Queue a build of another job and return the queue item's id. Raises StepError: no such job, or a parameter that it has not."""
        ...

    def outcome(self, queue_id: int) -> tuple[int, str | None]:
        """Number of the build that came of it (0: still waiting) and its result (None: still running)."""
        ...
