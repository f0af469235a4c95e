"""The `slipway` command. Verbs that live elsewhere register by the entry-point group `slipway.commands`."""

from importlib.metadata import entry_points

import click


class Commands(click.Group):
    """Loads a verb only when it is called or listed: the others' imports cost time."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all verbs."""
        return sorted({*super().list_commands(ctx), *entry_points(group="slipway.commands").names})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of that name, or None."""
        found = entry_points(group="slipway.commands", name=cmd_name)
        return next(iter(found)).load() if found else super().get_command(ctx, cmd_name)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="slipway")
def main() -> None:
    """A GitOps delivery platform on Kubernetes."""
