"""What `slipway release` shows without a traceback. The exit codes are documented in docs/release.md and do not change."""

import json
from enum import IntEnum

import click


class Code(IntEnum):
    """Exit codes of `slipway release`; 1 is a fault of our own, 2 a wrong command line."""

    REFUSED = 3
    UNREACHABLE = 4
    CONFLICT = 5
    UNHEALTHY = 6


class ReleaseError(click.ClickException):
    """Something the user can mend: the message states the value, what was expected and the next step."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        context = click.get_current_context(silent=True)
        self._as_json = bool(context and context.params.get("output") == "json")

    def show(self, file: object = None) -> None:
        """Print the message to standard error, as JSON where the command was asked for that."""
        message = self.format_message()
        click.echo(json.dumps({"error": message, "code": int(self.exit_code)}) if self._as_json else f"slipway: {message}", err=True)


class RefusedError(ReleaseError):
    """The input is not valid, or asks for something that must not be; nothing was written."""

    exit_code = Code.REFUSED


class UnreachableError(ReleaseError):
    """GitLab or Argo CD does not answer, does not let us in, or a program is missing; nothing was written."""

    exit_code = Code.UNREACHABLE


class ConflictError(ReleaseError):
    """The branch moved again and again; nothing was written."""

    exit_code = Code.CONFLICT


class UnhealthyError(ReleaseError):
    """The commit is there, and the application did not become Synced and Healthy. brief: the same in a line, for a commit's status."""

    exit_code = Code.UNHEALTHY

    def __init__(self, message: str, brief: str = "") -> None:
        super().__init__(message)
        self.brief = brief
