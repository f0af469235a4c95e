"""`slipway down`: the platform goes, in the order of its dependencies; what holds data stays unless it is to go, too. docs/teardown.md."""

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from typing import Any

import click
import httpx
from pulumi import automation

from ops import guard
from ops import stack as stacks
from ops.cluster import Cluster, UnreachableError
from ops.deletions import Deletion, deletions
from ops.guard import HARBOR_PROJECT
from ops.hanging import watched
from ops.images import Harbor, Image
from ops.keeping import going, kept
from ops.left import Resources, Section, code
from ops.left import report as reports
from ops.left.docker import has_node
from ops.locks import explained

FORGET = {"PULUMI_K8S_DELETE_UNREACHABLE": "true"}
"""Tells the provider that what was in a cluster which does not answer is gone: https://www.pulumi.com/registry/packages/kubernetes/api-docs/provider/"""


@click.command()
@click.option("--stack", help="The stack; by default PULUMI_STACK, or the selected one.")
@click.option("--purge", is_flag=True, help="What holds data goes, too: GitLab's groups and projects, Harbor's projects with their images.")
@click.option("--yes-delete", type=click.IntRange(0), metavar="N", help="With --purge: confirm that N of those go.")
@click.option("--yes", is_flag=True, help="Without --purge: do not ask.")
@click.option("--force", is_flag=True, help="Take finalizers off Argo CD's objects that hang; what they were to delete may stay.")
@click.option("--cluster-gone", is_flag=True, help="The cluster is gone for good: forget what was in it.")
@click.option("--output", type=click.Choice(("text", "json")), default="text", show_default=True, help="Form of the report.")
@click.pass_context
def down(
    context: click.Context, stack: str | None, purge: bool, yes_delete: int | None, yes: bool, force: bool, cluster_gone: bool, output: str
) -> None:
    """Take the platform down, and tell what was looked for and what is left. What holds data is kept, unless --purge says otherwise.

    Exit code 0: nothing is left but what was to stay. Else the sum of 4 (state), 8 (cluster), 16 (GitLab), 32 (Harbor), 64 (Docker):
    there something is left, or could not be looked for. May be run again at any time.
    """
    if yes_delete is not None and not purge:
        raise click.UsageError("--yes-delete N goes with --purge: without it nothing that holds data is deleted.")
    name = stacks.chosen(stack)
    with explained(name, lambda said: f"Pulumi failed:\n{said}\nNext: mend what it names and run this again."):
        selected = stacks.find(name)
        if selected is None:
            click.echo(f"There is no stack {name}: nothing to do.")
            return
        before: Mapping[str, Any] = selected.export_stack().deployment or {}
        resources: Resources = before.get("resources") or []
        cluster = _cluster(resources, cluster_gone)
        if purge:
            _guard(selected, resources, yes_delete, asks_harbor=cluster is not None)
        else:
            _ask(resources, yes)
        if todo := _targets(resources, purge):
            watch = watched(cluster, lambda text: click.echo(text, err=True), force=force) if cluster else nullcontext()
            with watch:
                _destroy(selected, todo, forget=cluster is None)
    sections = reports.sections(selected, before, stays=frozenset() if purge else frozenset(kept(resources)), cluster=cluster is not None)
    if purge and not code(sections):
        selected.workspace.remove_stack(name, preserve_config=True)
    _report(name, sections, output, purge)
    context.exit(code(sections))


def _cluster(resources: Resources, is_gone: bool) -> Cluster | None:
    """The stack's cluster; None where it is gone. Raises ClickException where it does not answer and nobody says that it is gone."""
    if is_gone or not any(each["type"].startswith("kubernetes:") for each in resources) or has_node(resources) is False:
        return None
    try:
        return Cluster.of(resources)
    except UnreachableError as error:
        raise click.ClickException(
            f"the cluster does not answer ({error}); nothing was changed.\n"
            "Next: see that it runs and run this again; if it is gone for good: --cluster-gone, which forgets what was in it"
        ) from None


def _guard(stack: automation.Stack, resources: Resources, given: int | None, *, asks_harbor: bool) -> None:
    """Show what holds data and go on only where its going is confirmed; then take its protection off."""
    outputs = {name: output.value for name, output in stack.outputs().items()}
    doomed = deletions((), resources)
    projects = [each for each in doomed if each.type == HARBOR_PROJECT]
    images = _images(outputs, projects) if asks_harbor and projects and "harborUrl" in outputs else {}
    guard.show(doomed, images)
    guard.confirm(len(doomed), anyway=False, given=given)
    guard.unprotect(stack, doomed)
    alone = {each["urn"] for each in resources if each["type"] == HARBOR_PROJECT and not each.get("deletedWith")}
    for each in projects:
        if each.urn in alone and images.get(each.name):  # those of an installed Harbor go with it
            click.echo(f"Deleting the images of {each.name} ...", err=True)
            Harbor(outputs).purge(each.name)


def _images(outputs: Mapping[str, Any], projects: Sequence[Deletion]) -> dict[str, list[Image]]:
    try:
        return {each.name: Harbor(outputs).images(each.name) for each in projects}
    except httpx.HTTPError as error:
        click.echo(f"Harbor {outputs['harborUrl']} cannot be asked which images go ({type(error).__name__}).", err=True)
        return {}


def _ask(resources: Resources, yes: bool) -> None:
    """Say what is kept, and ask before the rest goes."""
    stays = deletions((), resources)
    click.echo(
        f"Kept, because it holds data ({len(stays)}), with all that it stands on:" if stays else "Nothing of it holds data.", err=True
    )
    for each in stays:
        click.echo(f"  {each}", err=True)
    click.echo(f"The other {len(going(resources))} resources go. --purge takes everything.", err=True)
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.ClickException("nothing was changed. Next: run this again with --yes")
    click.confirm("Go on?", abort=True, err=True)


def _targets(resources: Resources, purge: bool) -> list[str]:
    """What is to be destroyed: `--target` options; for a purge all, without a target. Empty where nothing is there to go."""
    if purge:
        return ["--refresh=false"] if resources else []
    return [option for urn in going(resources) for option in ("--target", urn)]


def _destroy(stack: automation.Stack, options: Sequence[str], *, forget: bool) -> None:
    """Destroy, going on with what does not depend on a failure. What fails is told by Pulumi and by the report."""
    color = "auto" if sys.stdout.isatty() else "never"
    command = ["destroy", "--yes", "--skip-preview", "--continue-on-error", "--color", color, "--stack", stack.name, *options]
    try:
        stack.workspace.pulumi_command.run(
            command, stack.workspace.work_dir, FORGET if forget else {}, lambda text: click.echo(text, err=True)
        )
    except automation.ConcurrentUpdateError:
        raise
    except automation.CommandError as error:
        click.echo(f"Pulumi could not destroy everything:\n{str(error).strip()[-2000:]}", err=True)


def _report(name: str, sections: Sequence[Section], output: str, purge: bool) -> None:
    if output == "json":
        click.echo(json.dumps({"stack": name, "code": code(sections), "systems": [asdict(each) for each in sections]}, indent=2))
        return
    click.echo(f"{name}: what was looked for, and what is left")
    for section in sections:
        for line in section.lines():
            click.echo(line)
    if code(sections):
        click.echo("Next: mend what is named, and run this again.")
    elif purge:
        click.echo(f"Nothing is left of {name}, and its state is removed. Pulumi.{name}.yaml stays: it is yours.")
    else:
        click.echo("slipway up makes the rest again; slipway down --purge takes what is kept, too.")
