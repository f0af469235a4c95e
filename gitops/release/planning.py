"""The verbs that say what an application is, and how its image is built: in the build job, and on a developer's machine."""

from pathlib import Path

import click

from gitops import frameworks
from gitops.frameworks.plan import OWN, Plan
from gitops.frameworks.tree import Tree
from gitops.release.building import PLAN, checkout_option, read_plan
from gitops.release.errors import RefusedError
from gitops.release.reports import step


@click.command()
@checkout_option
@click.option("--path", default=".", show_default=True, help="The application's folder in it, for a repository with several.")
@click.option(
    "--port", type=click.IntRange(1, 65535), envvar="APP_PORT", show_envvar=True, help="Port to listen on; else the framework's own."
)
@click.option("--plan", "file", type=click.Path(path_type=Path, dir_okay=False), help="File to write the plan to.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print.")
def detect(checkout: Path, path: str, port: int | None, file: Path | None, output: str) -> None:
    """Say what an application is: its framework, versions, packages, start and tests, as a plan."""
    with step("detect") as report:
        if not checkout.is_dir():
            raise RefusedError(f"{str(checkout)!r} is no folder; expected the source code. Next: give it by --checkout")
        plan = frameworks.detect(checkout, path=path, port=port)
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(plan.to_json(), encoding="utf-8")
        report.summary = " ".join(filter(None, [plan.framework, plan.language, plan.version]))
        if output == "json":
            click.echo(str(plan), err=True)
        click.echo(plan.to_json() if output == "json" else str(plan))


@click.command()
@checkout_option
@click.option(
    "--plan", "file", type=click.Path(path_type=Path, dir_okay=False), default=PLAN, show_default=True, help="File with the plan."
)
@click.option(
    "--to", type=click.Path(path_type=Path, file_okay=False), help="Folder to write Dockerfile and dockerignore to; else it is printed."
)
def dockerfile(checkout: Path, file: Path, to: Path | None) -> None:
    """Write the Dockerfile of a plan, or the repository's own, and what is left out of the build."""
    with step("dockerfile") as report:
        plan: Plan = read_plan(file)
        tree = Tree(checkout, plan.path)
        text = tree.text("Dockerfile") if plan.framework == OWN else frameworks.render(plan)
        if to is None:
            click.echo(text, nl=False)
            return
        to.mkdir(parents=True, exist_ok=True)
        (to / "Dockerfile").write_text(text, encoding="utf-8")
        (to / "dockerignore").write_text(frameworks.ignore(plan, tree.text(".dockerignore")), encoding="utf-8")
        report.summary = "the repository's own" if plan.framework == OWN else f"for {plan.framework}"
        click.echo(f"{to / 'Dockerfile'}: {report.summary}")
