"""`slipway sandbox`: the embedded default, for machines that have nothing but Docker or root."""

import shlex

import click

from sandbox.cache import lock
from sandbox.errors import SandboxError, plainly
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
    from sandbox import engine
    from sandbox.sample import release
    from sandbox.stack import places, prepare
    from sandbox.tools import build as tools

    home, chosen = Sandbox(name), stack or name
    found = engine.of(home) if home.folder.exists() and engine.find() else None
    if found is None or chosen not in places(home):
        raise SandboxError(f"The stack {chosen!r} of the sandbox {name!r} is not up. Next: `make up NAME={name}`.")
    current = prepare(home, chosen, tools.ensure(), found.address)
    click.echo("unset PULUMI_CONFIG_PASSPHRASE")
    for variable, value in (current.variables() | release.variables(current)).items():
        click.echo(f"export {variable}={shlex.quote(value)}")
