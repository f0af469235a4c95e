"""What a killed run leaves behind is put right before the next one: the stack's lock, and operations whose end nobody saw."""

import json
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click
import docker

from sandbox.errors import SandboxError
from sandbox.leftover import Leftover
from sandbox.outside import Outside
from sandbox.progress import step
from sandbox.stack import Stack


def recover(stack: Stack, world: Outside, client: docker.DockerClient, variables: Mapping[str, str] | None = None) -> None:
    """Free the lock of a run that is no more, and settle what it was creating. Says what it did. `variables` are for the `refresh`.

    By hand the same is `pulumi cancel`, then `pulumi refresh --import-pending-creates URN ID` for each object that exists, and
    `--clear-pending-creates` for the rest. Raises SandboxError when another run is at work.
    """
    _free_lock(stack)
    state = json.loads(stack.pulumi("stack", "export", "--show-secrets"))["deployment"]
    pending = _pending(state)
    if not pending:
        return
    with step(f"settling {len(pending)} interrupted operations of an earlier run"):
        leftover = Leftover(stack, world, client, state)
        found = {resource["urn"]: id for resource in pending if (id := leftover.settle(resource))}
        imports = [f"--import-pending-creates={argument}" for pair in found.items() for argument in pair]
        stack.pulumi("refresh", "--yes", "--skip-preview", "--clear-pending-creates", *imports, variables=variables)


def _free_lock(stack: Stack) -> None:
    locks = list(stack.locks())
    holders = [json.loads(lock.read_text()) for lock in locks]
    here = [holder for holder in holders if holder["hostname"] == socket.gethostname()]
    at_work = [holder for holder in holders if holder not in here or _runs(holder["pid"])]
    if at_work:
        raise SandboxError(_held(stack, at_work[0]))
    if locks:
        stack.pulumi("cancel", "--yes", stack.name)
        click.echo(f"  an earlier run on the stack {stack.name} was killed: its lock is freed", err=True)


def _held(stack: Stack, holder: dict[str, Any]) -> str:
    held = (
        f"Another run holds the stack {stack.name}: process {holder['pid']} on {holder['hostname']}, since {holder['timestamp'][:19]}Z.\n"
        "Next: wait until it ends, then run this again."
    )
    if holder["hostname"] == socket.gethostname():
        return held
    by_hand = f'`eval "$(slipway sandbox env --name {stack.sandbox.name} --stack {stack.name})"`, then `pulumi cancel`'
    return f"{held} Should that machine be gone, or the run dead, free the lock by hand: {by_hand}."


def _runs(process: int) -> bool:
    """Whether a process is a run of Pulumi: not one that waits to be reaped, nor another program that got its number."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return "(pulumi)" in status and status.rpartition(")")[2].split()[0] != "Z"


def _pending(state: dict[str, Any]) -> list[dict[str, Any]]:
    operations: Iterable[dict[str, Any]] = state.get("pending_operations") or []
    return [each["resource"] for each in operations if each["type"] == "creating"]
