"""What holds data is shown before it goes, and its going is confirmed: by a number, or at a terminal."""

import sys
from collections.abc import Mapping, Sequence

import click
from pulumi import automation

from ops.deletions import Deletion
from ops.images import Image

MANY = 3
"""More deletions than these are confirmed by their number only."""
HARBOR_PROJECT = "harbor:index/project:Project"


def show(deletions: Sequence[Deletion], doomed: Mapping[str, Sequence[Image]]) -> None:
    """Name what goes; `doomed` is Harbor project to the images that go with it."""
    if deletions:
        click.echo("This plan deletes what cannot be brought back:", err=True)
    for each in deletions:
        click.echo(f"  {each}", err=True)
        for image in doomed.get(each.name, ()) if each.type == HARBOR_PROJECT else ():
            click.echo(f"    with the image {image}", err=True)


def confirm(number: int, *, anyway: bool, given: int | None) -> None:
    """Go on only where the number of deletions is confirmed. `anyway`: ask although it is 0. Raises ClickException, or click.Abort."""
    if given is not None and given != number:
        raise click.ClickException(f"--yes-delete {given} was given, and the plan deletes {number}; look at the list, nothing was changed")
    if given is not None or (number == 0 and not anyway):
        return
    if number > MANY or not sys.stdin.isatty():
        raise click.ClickException(f"nothing was changed. Next: if these {number} are to go, run this again with --yes-delete {number}")
    click.confirm("Go on?", abort=True, err=True)


def unprotect(stack: automation.Stack, deletions: Sequence[Deletion]) -> None:
    """Take the protection off what is confirmed to go. A run that is killed after this finds the same plan again."""
    for each in deletions:
        if each.protected:
            command = ["state", "unprotect", each.urn, "--yes", "--stack", stack.name]
            stack.workspace.pulumi_command.run(command, stack.workspace.work_dir, {})
