"""`slipway up`: `pulumi up` with a guard before what cannot be brought back."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click
import httpx
from pulumi import automation

from ops import guard
from ops import stack as stacks
from ops.deletions import Plan, plan
from ops.guard import HARBOR_PROJECT
from ops.images import Harbor, Image
from ops.jenkins import JOBS
from ops.locks import explained


@click.command()
@click.option("--stack", help="The stack; by default PULUMI_STACK, or the selected one.")
@click.option("--yes-delete", type=click.IntRange(0), metavar="N", help="Confirm that N GitLab groups and projects and Harbor projects go.")
def up(stack: str | None, yes_delete: int | None) -> None:
    """Show the plan, ask before anything that holds data is deleted, then run it.

    Plain `pulumi up` refuses such deletions, unless the stack's configuration sets `protect` to false.
    """
    name = stacks.chosen(stack)
    selected = stacks.select(name)
    click.echo(f"Planning {name} ...", err=True)
    with explained(name, _last_lines):
        planned = plan(selected)
        click.echo(f"Planned: {_told(planned.changes)}.", err=True)
        if planned.deletions or planned.leaving:
            _guard(selected, planned, yes_delete)
        elif yes_delete:
            raise click.ClickException(f"--yes-delete {yes_delete} was given, and the plan deletes nothing that holds data; leave it out")
        done = selected.up(on_output=click.echo, color="auto" if sys.stdout.isatty() else "never")
    if JOBS in done.outputs:
        click.echo("Jenkins is not the platform's own: slipway jenkins apply tells it of the jobs.", err=True)


def _guard(stack: automation.Stack, planned: Plan, yes_delete: int | None) -> None:
    """Show what goes, and go on only where that is confirmed. Raises ClickException otherwise; nothing was changed then."""
    outputs = {name: output.value for name, output in stack.outputs().items()}
    projects = [each.name for each in planned.deletions if each.type == HARBOR_PROJECT]
    harbor = Harbor(outputs)
    try:
        doomed = {project: harbor.images(project) for project in projects}
        staying = {user: project for user, project in planned.leaving.items() if project not in projects}
        kept = {user: _of_user(harbor.images(project), project, user) for user, project in staying.items()}
        guard.show(planned.deletions, doomed)
        for user, images in kept.items():
            for image in images:
                click.echo(f"  The image {image} of {user} stays in its workspace's project, and no pod can pull it any more.", err=True)
        guard.confirm(len(planned.deletions), anyway=any(doomed.values()) or any(kept.values()), given=yes_delete)
        guard.unprotect(stack, planned.deletions)
        for project, images in doomed.items():
            if images:
                click.echo(f"Deleting the images of {project} ...", err=True)
                harbor.purge(project)
    except httpx.HTTPError as error:
        raise click.ClickException(
            f"Harbor {outputs['harborUrl']} cannot be asked which images go ({error}); nothing was deleted in this step.\n"
            "Next: see whether Harbor is well, then run this again."
        ) from None


def _of_user(images: Sequence[Image], project: str, user: str) -> list[Image]:
    return [image for image in images if image.name.startswith(f"{project}/{user}/")]


def _told(changes: Mapping[str, Any]) -> str:
    told = [f"{count} to {op}" for op, count in sorted(changes.items()) if op != "same"]
    return ", ".join(told) or "nothing to change"


def _last_lines(said: str) -> str:
    return f"Pulumi failed:\n{said}\nNext: mend what it names and run this again: what was made is kept."
