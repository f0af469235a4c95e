"""`slipway state`: where a stack's state lies, who holds it, and how the lock of a dead run is freed. docs/state.md explains it."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import click

from ops import stack as stacks
from ops.locks import CLOUD, Holder, backend, explained, held, holders

stack_option = click.option("--stack", help="The stack; by default PULUMI_STACK, or the selected one.")


@click.group()
def state() -> None:
    """A stack's state: where it lies, who holds it, and the locks of dead runs."""


@state.command()
@stack_option
@click.option("--output", type=click.Choice(("text", "json")), default="text", show_default=True, help="Form of the answer.")
def show(stack: str | None, output: str) -> None:
    """Where the state lies, how its secrets are kept, who holds it, and what an earlier run left unfinished."""
    name = stacks.chosen(stack)
    with explained(name, _unreadable):
        selected = stacks.select(name)
        deployment = selected.export_stack().deployment or {}
        found: dict[str, Any] = {
            "stack": name,
            "backend": backend(selected),
            "secrets": (deployment.get("secrets_providers") or {}).get("type", "unknown"),
            "resources": len(deployment.get("resources") or []),
            "holders": [asdict(each) for each in holders(selected)],
            "interrupted": _interrupted(deployment),
        }
    if output == "json":
        click.echo(json.dumps(found, indent=2))
        return
    click.echo(f"{name}: {found['resources']} resources in {found['backend']}, secrets by {found['secrets']}")
    for holder in found["holders"]:
        click.echo(f"  held by {Holder(**holder)}")
    _tell(found["interrupted"])


@state.command()
@stack_option
@click.option("--yes", is_flag=True, help="The runs on other machines that hold the stack are dead; do not ask.")
def unlock(stack: str | None, yes: bool) -> None:
    """Free the locks of runs that are dead. One that still runs on this machine keeps its lock."""
    name = stacks.chosen(stack)
    with explained(name, _unreadable):
        selected = stacks.select(name)
        if backend(selected).startswith(CLOUD):
            raise click.ClickException(f"the state of {name} is in Pulumi Cloud, which knows its runs itself; next: pulumi cancel {name}")
        if not (found := holders(selected)):
            click.echo(f"Nobody holds the stack {name}.")
            return
        _require_dead(name, found, yes)
        selected.cancel()
        click.echo(f"Freed the lock of the stack {name}: " + "; ".join(map(str, found)))
        _tell(_interrupted(selected.export_stack().deployment or {}))


def _require_dead(name: str, found: list[Holder], yes: bool) -> None:
    """Raise ClickException unless every holder is dead, as this machine sees, or as is confirmed."""
    if any(each.is_here and not each.is_over for each in found):
        raise click.ClickException(f"{held(name, found)} is for when its process is no more: it runs, on this machine. End it first.")
    elsewhere = [each for each in found if not each.is_here]
    if not elsewhere or yes:
        return
    for each in elsewhere:
        click.echo(f"  held by {each}", err=True)
    if not sys.stdin.isatty():
        raise click.ClickException("whether a run on another machine is dead is not seen from here; if it is, run this again with --yes")
    click.confirm("Is it dead? Two runs at once ruin the state.", abort=True, err=True)


def _interrupted(deployment: Mapping[str, Any]) -> list[dict[str, str]]:
    """What a run had begun and nobody saw the end of."""
    return [
        {"operation": str(each["type"]), "type": str(each["resource"]["type"]), "urn": str(each["resource"]["urn"])}
        for each in deployment.get("pending_operations") or []
    ]


def _tell(interrupted: list[dict[str, str]]) -> None:
    for each in interrupted:
        click.echo(f"  interrupted while {each['operation']}: {each['type']} {each['urn'].rpartition('::')[2]}")
    if interrupted:
        click.echo("Next: pulumi refresh, which asks of each of them whether it is there; then slipway up.")


def _unreadable(said: str) -> str:
    return (
        f"the state cannot be used:\n{said}\nNext: check PULUMI_BACKEND_URL (or `backend` in Pulumi.yaml) and its credentials; "
        "see docs/state.md"
    )
