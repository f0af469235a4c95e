"""`slipway sandbox`: the embedded default, for machines that have nothing but Docker or root."""

import shlex

import click

from sandbox.instance import Sandbox

_name = click.option("--name", default="dev", show_default=True, help="The sandbox's name, and its main stack's.")
_stack = click.option("--stack", help="A stack in the sandbox; its main one by default.")


@click.group()
def sandbox() -> None:
    """Stand-ins for the outside world, and the whole platform on them."""


@sandbox.command()
@_name
@_stack
def up(name: str, stack: str | None) -> None:
    """From a fresh clone to a running platform with a released sample application."""
    from sandbox.up import up as run

    run(Sandbox(name), stack or name)


@sandbox.command()
@_name
@click.option("--stack", help="Destroy this stack only, and leave the rest of the sandbox as it is.")
def down(name: str, stack: str | None) -> None:
    """Purge the sandbox entirely; fails if anything is left."""
    from sandbox.down import down as run

    run(Sandbox(name), stack)


@sandbox.command()
@_name
@_stack
def env(name: str, stack: str | None) -> None:
    """Shell exports for pulumi, kubectl, helm and argocd by hand: eval "$(slipway sandbox env)"."""
    from sandbox import engine
    from sandbox.errors import SandboxError
    from sandbox.stack import places, prepare
    from sandbox.tools import build as tools

    chosen = stack or name
    found = engine.find()
    if found is None or chosen not in places(Sandbox(name)):
        raise SandboxError(f"The stack {chosen!r} of the sandbox {name!r} is not up. Next: `make up NAME={name}`.")
    current = prepare(Sandbox(name), chosen, tools.ensure(), found.address)
    for variable, value in current.variables().items():
        click.echo(f"export {variable}={shlex.quote(value)}")
