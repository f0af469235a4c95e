"""One running build: what its steps share."""

import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from sandbox.services.jenkins.model import ABORTED, BuildRecord, Controller, Credential, StepError
from sandbox.services.jenkins.running.exec import Stopped
from sandbox.services.jenkins.running.git import Login
from sandbox.services.jenkins.running.log import Log
from sandbox.services.jenkins.running.masks import Masks
from sandbox.services.jenkins.running.places import Place
from sandbox.services.jenkins.running.pods import Agent, Pods
from sandbox.services.jenkins.running.templates import AGENT


@dataclass(frozen=True)
class Node:
    """An agent in use, and where the build works on it."""

    agent: Agent
    workspace: str


@dataclass(frozen=True)
class Scene:
    """Where and how a step is called: the context that the engine gives, made handy."""

    session: "Session"
    context: Mapping[str, Any]
    stopped: Stopped

    def node(self) -> Node:
        """Return the agent. Raises StepError outside of one."""
        node = self.session.nodes.get(str(self.context.get("node") or ""))
        if node is None:
            raise StepError("Required context class hudson.FilePath is missing\nPerhaps you forgot to surround the step with a step that "
                            "provides this, such as: node")  # fmt: skip
        return node

    def place(self, container: str = "") -> Place:
        """Return the container that is meant: by default the one that the step is in. Raises StepError if the pod has none of this name."""
        agent = self.node().agent
        name = container or str(self.context.get("container") or agent.container)
        if name not in agent.places:
            raise StepError(f"container [{name}] does not exist in pod [{agent.name}]: expected one of {', '.join(agent.containers)}")
        return agent.places[name]

    def files(self) -> Place:
        """Return the container in which files are read and written, whatever container the step is in: Jenkins' agent does that."""
        return self.place(AGENT)

    def directory(self) -> str:
        """Return the current directory."""
        return str(self.context.get("dir") or self.node().workspace)

    def environment(self) -> dict[str, object]:
        """Return all variables of a process: those of the build, and those that are set around the step."""
        return {**self.session.record.environment, **(self.context.get("env") or {})}

    def prefix(self) -> str:
        """Return what is before each line of a parallel branch."""
        branch = self.context.get("branch")
        return f"[{branch[-1]}] " if branch else ""

    def say(self, text: str) -> None:
        """Write lines."""
        self.session.log.line("\n".join(self.prefix() + line for line in text.split("\n")))

    def temporary(self) -> str:
        """Return a new name for a folder beside the workspace."""
        return f"{self.node().workspace}@tmp/durable-{uuid4().hex[:8]}"


@dataclass
class Session:
    """A build's log, agents, temporary files, and what it knows of its source code."""

    record: BuildRecord
    controller: Controller
    pods: Pods
    log: Log
    folder: Path
    """For what lives no longer than the build."""
    nodes: dict[str, Node] = field(default_factory=dict)
    credentials: dict[str, list[tuple[Place, str]]] = field(default_factory=dict)
    """Handles of `credentials.open`, with the files that go when it closes."""
    stashes: dict[str, Path] = field(default_factory=dict)
    checkouts: list[tuple[str, str, str]] = field(default_factory=list)
    """URL, commit and branch of what the build has checked out."""
    archived: int = 0
    closed: bool = False
    """The build is over: a step that is still on its way must end, and keeps nothing."""
    calls: dict[str, threading.Event] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def stopped(self, call: str) -> Stopped:
        """Return what tells a step whether it must end: it is told itself, or the build was stopped while it ran."""
        told, before = self.calls.setdefault(call, threading.Event()), self.record.stopping

        def ask() -> StepError | None:
            return StepError("Aborted", ABORTED) if self._over(told, before) else None

        return ask

    def _over(self, told: threading.Event, before: bool) -> bool:
        return self.closed or told.is_set() or (self.record.stopping and not before)

    def interrupt(self, call: str) -> None:
        """Tell a step to end, also one that is about to begin."""
        self.calls.setdefault(call, threading.Event()).set()

    def credential(self, id: str) -> Credential:
        """Return a credential that the job may see, its secret masked from now on. Raises StepError."""
        found = self.controller.credential(id, self.record.job)
        if found is None:
            raise StepError(f"CredentialNotFoundException: Could not find credentials entry with ID '{id}'")
        self.log.masks.add(found.secret)
        return found

    def login(self, id: str) -> Login | None:
        """Return the login for a Git repository, None without an id. Raises StepError."""
        if not id:
            return None
        found = self.credential(id)
        if found.kind != "usernamePassword":
            raise StepError(f"credential '{id}' is of kind {found.kind}: Git over HTTP needs usernamePassword")
        return Login(found.username, found.secret)


def open_session(record: BuildRecord, controller: Controller, pods: Pods) -> Session:
    """Return the state of a build that begins."""
    masks = Masks()
    return Session(record, controller, pods, Log(record.write, masks), Path(tempfile.mkdtemp(prefix="build-")))
