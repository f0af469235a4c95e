"""`slipway app`: the declaration of applications, for who would rather not edit it by hand."""

import click

from naming import App, InvalidNameError
from ops import stack as stacks
from ops.declaration import DeclarationError, add


@click.group()
def app() -> None:
    """Applications of the platform's tenants."""


@app.command()
@click.argument("name", metavar="WORKSPACE/USER/PROJECT")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Port that the application listens on.")
@click.option("--host", "hosts", multiple=True, metavar="HOST", help="DNS name under which it answers; may be given several times.")
@click.option("--stack", help="The stack; by default PULUMI_STACK, or the selected one.")
def create(name: str, port: int, hosts: tuple[str, ...], stack: str | None) -> None:
    """Declare an application, and its user and workspace where they are new. Nothing is made yet: `slipway up` does that."""
    try:
        parsed = App.parse(name)
        chosen = stacks.chosen(stack)
        config = stacks.config_file(chosen)
        if not config.is_file():
            raise click.ClickException(f"{config} does not exist; expected the configuration of the stack {chosen}; choose one by --stack")
        written = add(config, parsed, port=port, hosts=hosts)
    except (InvalidNameError, DeclarationError) as error:
        problems = "".join(f"\n  {line}" for line in str(error).splitlines())
        raise click.ClickException(f"{name} cannot be declared; nothing was written:{problems}") from None
    click.echo(f"{parsed} is declared in {written}.\nNext: `pulumi preview` shows what will be made, `slipway up` makes it.")
