"""The one exception that the sandbox's commands show without a traceback."""

import click


class SandboxError(click.ClickException):
    """Something the user can mend: the message states the value, what was expected and the next step."""
