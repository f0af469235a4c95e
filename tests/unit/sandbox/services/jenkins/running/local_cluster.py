"""A cluster without a cluster: its pods' processes are processes of this machine, in a folder that all containers share."""

import json
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from sandbox.services.jenkins.running.ports import STATUS, STDERR, STDOUT, ClusterError, Connection, Manifest


def ready(pod: Manifest) -> dict[str, Any]:
    """The status of a pod that runs."""
    containers = [{"name": each["name"], "ready": True, "state": {"running": {}}} for each in pod["spec"]["containers"]]
    return {"phase": "Running", "containerStatuses": containers}


@dataclass
class LocalCluster:
    """`home`: the shared folder. `status` makes the status of a new pod. `commands`: what was started, with container and arguments.
    `most`: how many pods there were at once. `events_of`: what happened to each pod. `variables`: environment of the containers."""

    home: Path
    status: Callable[[Manifest], dict[str, Any]] = ready
    pods: dict[str, Manifest] = field(default_factory=dict)
    created: list[Manifest] = field(default_factory=list)
    commands: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    events_of: list[Manifest] = field(default_factory=list)
    refuse: ClusterError | None = None
    most: int = 0
    variables: dict[str, str] = field(default_factory=dict)
    processes: dict[str, list["Process"]] = field(default_factory=dict)

    def create(self, namespace: str, pod: Manifest) -> Manifest:
        """Keep a pod."""
        if self.refuse:
            raise self.refuse
        made = {**pod, "metadata": {"labels": {}, **pod["metadata"]}}
        made["status"] = self.status(made)
        self.created.append(made)
        self.pods[pod["metadata"]["name"]] = made
        self.most = max(self.most, len(self.pods))
        return made

    def get(self, namespace: str, name: str) -> Manifest | None:
        """Return a pod."""
        return self.pods.get(name)

    def list(self, namespace: str, selector: str) -> Sequence[Manifest]:
        """Return the pods with a label."""
        key, _, value = selector.partition("=")
        return [
            pod
            for pod in list(self.pods.values())
            if pod["metadata"]["labels"].get(key) in ([value] if value else pod["metadata"]["labels"].values())
        ]

    def delete(self, namespace: str, name: str, seconds: int | None = None) -> None:
        """Delete a pod with its processes."""
        self.pods.pop(name, None)
        for process in self.processes.pop(name, []):
            process.end()
        mark = f"LOCAL_POD={name}{self.home}".encode()
        for environ in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):
                if mark in environ.read_bytes().split(b"\0"):
                    os.kill(int(environ.parent.name), signal.SIGKILL)

    def events(self, namespace: str, name: str) -> Sequence[Manifest]:
        """Return the events."""
        return self.events_of

    def tail(self, namespace: str, name: str, container: str) -> str:
        """Return the log of a container."""
        return f"log of {container}\n"

    def execute(self, namespace: str, name: str, container: str, command: Sequence[str]) -> Connection:
        """Start a process."""
        if name not in self.pods:
            raise ClusterError(404, f'pods "{name}" not found')
        self.commands.append((container, tuple(command)))
        process = Process(command, self.home, {**self.variables, "LOCAL_POD": f"{name}{self.home}"})
        self.processes.setdefault(name, []).append(process)
        return process


class Process:
    """A connection to a process of this machine. As with a cluster, it ends when nobody holds the output any more."""

    def __init__(self, command: Sequence[str], home: Path, variables: dict[str, str]) -> None:
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8", **variables}
        self._process = subprocess.Popen(
            command, cwd=home, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip
        self._frames: queue.Queue[tuple[int, bytes] | None] = queue.Queue()
        assert self._process.stdout
        assert self._process.stderr
        self._readers = [self._reader(STDOUT, self._process.stdout), self._reader(STDERR, self._process.stderr)]
        threading.Thread(target=self._finish, daemon=True).start()

    def send(self, data: bytes) -> None:
        """Write to the standard input."""
        assert self._process.stdin
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except OSError as error:
            raise ClusterError(0, str(error)) from None

    def receive(self, seconds: float) -> tuple[int, bytes] | None:
        """Return a frame."""
        try:
            frame = self._frames.get(timeout=seconds)
        except queue.Empty:
            return None
        if frame is None:
            raise EOFError
        return frame

    def close(self) -> None:
        """The process goes on, but can read nothing more."""
        assert self._process.stdin
        try:
            self._process.stdin.close()
        except OSError:
            return

    def end(self) -> None:
        """Kill the process, as a container's end does; the connection breaks."""
        self._frames.put(None)
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def _reader(self, channel: int, stream: IO[bytes]) -> threading.Thread:
        def read() -> None:
            while data := os.read(stream.fileno(), 4096):
                self._frames.put((channel, data))

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        return thread

    def _finish(self) -> None:
        for each in self._readers:
            each.join()
        code = self._process.wait()
        if code == 0:
            self._frames.put((STATUS, b'{"status": "Success"}'))
        else:
            causes = [{"reason": "ExitCode", "message": str(code if code > 0 else 128 - code)}]
            self._frames.put(
                (STATUS, json.dumps({"status": "Failure", "reason": "NonZeroExitCode", "details": {"causes": causes}}).encode())
            )
        self._frames.put(None)
