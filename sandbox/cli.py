"""`slipway sandbox`: the embedded default, for machines that have nothing but Docker or root."""

import shlex

import click

from sandbox.cache import lock
from sandbox.errors import plainly
from sandbox.instance import Sandbox

_name = click.option("--name", default="dev", show_default=True, help="The sandbox's name, and its main stack's.")
_stack = click.option("--stack", help="A stack in the sandbox; its main one by default.")


@click.group()
def sandbox() -> None:
    """Stand-ins for the outside world, and the whole platform on them."""


@sandbox.command()
def build() -> None:
    """Build the tools and images that are missing; nothing is started but the Docker engine."""
    from sandbox.engine import IN_USE
    from sandbox.up import build as run

    with lock(IN_USE, shared=True), plainly():
        run()


@sandbox.command()
@_name
@_stack
def up(name: str, stack: str | None) -> None:
    """From a fresh clone to a running platform with a released sample application."""
    from sandbox.engine import IN_USE
    from sandbox.up import up as run

    chosen = Sandbox(name)
    with lock(chosen.id), lock(IN_USE, shared=True), plainly():
        run(chosen, stack or name)


@sandbox.command()
@_name
@click.option("--stack", help="Destroy this stack only, and leave the rest of the sandbox as it is.")
def down(name: str, stack: str | None) -> None:
    """Purge the sandbox entirely; fails if anything is left."""
    from sandbox.down import down as run

    chosen = Sandbox(name)
    with lock(chosen.id), plainly():
        run(chosen, stack)


@sandbox.command()
@_name
@_stack
def env(name: str, stack: str | None) -> None:
    """Shell exports for pulumi, kubectl, helm, argocd and slipway by hand: eval "$(slipway sandbox env)"."""
    from sandbox.sample import release
    from sandbox.up import running

    current = running(Sandbox(name), stack or name)[0]
    click.echo("unset PULUMI_CONFIG_PASSPHRASE")
    for variable, value in (current.variables() | release.variables(current)).items():
        click.echo(f"export {variable}={shlex.quote(value)}")


@sandbox.command()
@_name
@_stack
def demo(name: str, stack: str | None) -> None:
    """Good, broken and good versions, a rollback and healed drift on a running sandbox: what happens, and where to look."""
    from sandbox.demo import demo as run
    from sandbox.up import running

    with plainly():
        run(*running(Sandbox(name), stack or name))
