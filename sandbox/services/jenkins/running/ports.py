"""What agents need of a cluster: pods, their events and logs, and processes in their containers."""

from collections.abc import Sequence
from typing import Any, Protocol

STDIN, STDOUT, STDERR, STATUS = range(4)
Manifest = dict[str, Any]


class ClusterError(Exception):
    """The API refused (`status` is HTTP's), or did not answer (`status` is 0)."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Connection(Protocol):
    """A process in a container, by its channels."""

    def send(self, data: bytes) -> None:
        """Write to its standard input. Raises ClusterError if the connection is lost."""
        ...

    def receive(self, seconds: float) -> tuple[int, bytes] | None:
        """Return channel and data; None if nothing came in time. Raises EOFError at the end, ClusterError if the connection is lost."""
        ...

    def close(self) -> None:
        """Close the connection. The process goes on."""
        ...


class Cluster(Protocol):
    """Where pods run. Methods raise ClusterError."""

    def create(self, namespace: str, pod: Manifest) -> Manifest: ...

    def get(self, namespace: str, name: str) -> Manifest | None:
        """Return the pod, None if there is none."""
        ...

    def list(self, namespace: str, selector: str) -> Sequence[Manifest]: ...

    def delete(self, namespace: str, name: str, seconds: int | None = None) -> None:
        """Begin to delete the pod, which has so many seconds to end; no error if it is gone."""
        ...

    def events(self, namespace: str, name: str) -> Sequence[Manifest]: ...

    def tail(self, namespace: str, name: str, container: str) -> str:
        """Return the end of a container's log."""
        ...

    def execute(self, namespace: str, name: str, container: str, command: Sequence[str]) -> Connection: ...
