"""What a killed run leaves behind is put right before the next one: the stack's lock, and operations whose end nobody saw."""

import json
import socket
from collections.abc import Iterable, Mapping
from typing import Any

import click
import docker

from ops.locks import runs
from sandbox.errors import SandboxError
from sandbox.leftover import Leftover
from sandbox.outside import Outside
from sandbox.progress import step
from sandbox.stack import Stack


def recover(stack: Stack, world: Outside, client: docker.DockerClient, variables: Mapping[str, str] | None = None) -> None:
    """Free the lock of a run that is no more, and settle what it was creating. Says what it did. `variables` are for the `refresh`.

    By hand: `pulumi cancel`; then in `pulumi stack export` move what exists from the pending operations to the resources, with its id,
    drop the other pending operations, `pulumi stack import` that, and `pulumi refresh`. Raises SandboxError when another run is at work.
    """
    _free_lock(stack)
    state = json.loads(stack.pulumi("stack", "export", "--show-secrets"))["deployment"]
    pending = _creating(state)
    if not pending:
        return
    with step(f"settling {len(pending)} interrupted operations of an earlier run"):
        leftover = Leftover(stack, world, client, state)
        found = {resource["urn"]: id for resource in pending if (id := leftover.settle(resource))}
        _settle(stack, found)
        targets = [f"--target={urn}" for urn in found]
        if targets:  # what the state knows of them so far is what was asked for
            stack.pulumi("refresh", "--yes", "--skip-preview", *targets, variables=variables)


def _settle(stack: Stack, found: Mapping[str, str]) -> None:
    """Put what was found, ids by URN, among the state's resources, and forget the pending creations.

    `pulumi refresh --import-pending-creates` is meant for this, but at 3.255 the resource is lost between the command and the engine.
    """
    exported = json.loads(stack.pulumi("stack", "export"))
    deployment = exported["deployment"]
    created = [each for each in _creating(deployment) if each["urn"] in found]
    deployment["resources"] += [each | {"id": found[each["urn"]], "outputs": each["inputs"]} for each in created]
    deployment["pending_operations"] = [each for each in deployment["pending_operations"] if each["type"] != "creating"]
    stack.pulumi("stack", "import", text=json.dumps(exported))


def _free_lock(stack: Stack) -> None:
    locks = list(stack.locks())
    holders = [json.loads(lock.read_text()) for lock in locks]
    here = [holder for holder in holders if holder["hostname"] == socket.gethostname()]
    at_work = [holder for holder in holders if holder not in here or runs(holder["pid"])]
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


def _creating(state: dict[str, Any]) -> list[dict[str, Any]]:
    operations: Iterable[dict[str, Any]] = state.get("pending_operations") or []
    return [each["resource"] for each in operations if each["type"] == "creating"]
