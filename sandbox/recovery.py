"""What a killed run leaves behind is put right before the next one: the stack's lock, and operations whose end nobody saw."""

import json
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
import docker
from docker.errors import NotFound
from gitlab.exceptions import GitlabGetError

from sandbox.errors import SandboxError
from sandbox.outside import Outside
from sandbox.progress import step
from sandbox.sample.release import gitlab_client
from sandbox.stack import Stack

CONTAINER = "docker:index/container:Container"
GROUP, PROJECT = "gitlab:index/group:Group", "gitlab:index/project:Project"


def recover(stack: Stack, world: Outside, client: docker.DockerClient) -> None:
    """Free the lock of a run that is no more, and settle what it was creating. Says what it did.

    By hand the same is `pulumi cancel`, then `pulumi refresh --import-pending-creates URN ID` for each object that exists, and
    `--clear-pending-creates` for the rest. Raises SandboxError when another run is at work.
    """
    _free_lock(stack)
    pending = _pending(stack)
    if not pending:
        return
    found = [pair for each in pending for pair in _settle(each, stack, world, client)]
    with step(f"settling {len(pending)} interrupted operations of an earlier run"):
        imports = [argument for urn, id in found for argument in ("--import-pending-creates", urn, "--import-pending-creates", id)]
        stack.pulumi("refresh", "--yes", "--skip-preview", "--clear-pending-creates", *imports)


def _free_lock(stack: Stack) -> None:
    locks = list(stack.locks())
    holders = [json.loads(lock.read_text()) for lock in locks]
    here = [holder for holder in holders if holder["hostname"] == socket.gethostname()]
    at_work = [holder for holder in holders if holder not in here or _runs(holder["pid"])]
    if at_work:
        raise SandboxError(
            f"Another run holds the stack {stack.name}: process {at_work[0]['pid']} on {at_work[0]['hostname']}, "
            f"since {at_work[0]['timestamp'][:19]}Z.\nNext: wait until it ends, or end it, then run this again."
        )
    if locks:
        stack.pulumi("cancel", "--yes", stack.name)
        click.echo(f"  an earlier run on the stack {stack.name} was killed: its lock is freed", err=True)


def _runs(process: int) -> bool:
    """Whether a process runs; one that only waits to be reaped by its parent does not."""
    status = Path(f"/proc/{process}/stat")
    return status.is_file() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def _pending(stack: Stack) -> list[dict[str, Any]]:
    state = json.loads(stack.pulumi("stack", "export"))
    operations: Iterable[dict[str, Any]] = state["deployment"].get("pending_operations") or []
    return [each["resource"] for each in operations if each["type"] == "creating"]


def _settle(resource: dict[str, Any], stack: Stack, world: Outside, client: docker.DockerClient) -> Iterator[tuple[str, str]]:
    """The (URN, id) to import, where the object exists and holds data. What need not be kept is removed, and made anew by `up`.

    Kubernetes objects need neither: server-side apply takes an object that is there.
    """
    inputs = resource["inputs"]
    if resource["type"] == CONTAINER:
        try:
            client.containers.get(inputs["name"]).remove(force=True)
        except NotFound:
            return
        click.echo(f"  the container {inputs['name']} was being created: removed, its volumes stay", err=True)
    elif resource["type"] in (GROUP, PROJECT):
        gitlab = gitlab_client(stack, world)
        kind, parent = (gitlab.groups, inputs["parentId"]) if resource["type"] == GROUP else (gitlab.projects, inputs["namespaceId"])
        try:
            id = kind.get(f"{gitlab.groups.get(parent).full_path}/{inputs['path']}").id
        except GitlabGetError:
            return
        click.echo(f"  {inputs['path']} was being created in GitLab: it is there, and taken over", err=True)
        yield resource["urn"], str(id)
