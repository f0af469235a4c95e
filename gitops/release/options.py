"""Options that the verbs share, and how they print."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from gitops.release.errors import RefusedError, UnreachableError
from naming import App, InvalidNameError

F = TypeVar("F", bound=Callable[..., Any])


class AppName(click.ParamType[App]):
    """An application as people write it."""

    name = "WORKSPACE/USER/PROJECT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> App:
        """The application. Raises RefusedError with every problem of the three names."""
        if isinstance(value, App):
            return value
        try:
            return App.parse(value)
        except InvalidNameError as error:
            problems = "".join(f"\n  {problem}" for problem in error.problems)
            raise RefusedError(f"The application's name is not valid; nothing was written:{problems}") from None


def _commit(context: click.Context, option: click.Parameter, value: str) -> str:
    from gitops.release.facts import refuse, unfit

    refuse(unfit({"--source": ("source", value)}))
    return value


app_argument = click.argument("app", type=AppName(), metavar="WORKSPACE/USER/PROJECT")
author_option = click.option("--author", metavar="'NAME <MAIL>'", help="Who caused it, for the history; else the token's user.")
output_option = click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print.")
wait_option = click.option("--wait/--no-wait", default=False, help="Wait until Argo CD has it Synced and Healthy.")
timeout_option = click.option("--timeout", type=click.IntRange(1, 86400), default=300, show_default=True, help="Seconds to wait at most.")
commit_option = click.option(
    "--source", metavar="COMMIT", envvar="SOURCE", show_envvar=True, required=True, callback=_commit, help="Commit of the source code."
)
gitlab_options = (
    click.option("--gitlab-url", envvar="SLIPWAY_GITLAB_URL", show_envvar=True, metavar="URL", help="GitLab."),
    click.option("--gitops-project", envvar="SLIPWAY_GITOPS_PROJECT", show_envvar=True, metavar="PATH", help="The GitOps project."),
)
argocd_option = click.option("--argocd-url", envvar="SLIPWAY_ARGOCD_URL", show_envvar=True, metavar="URL", help="Argo CD.")
ca_option = click.option("--ca-bundle", envvar="SLIPWAY_CA_BUNDLE", show_envvar=True, metavar="FILE", help="Authorities to trust, PEM.")


def options(*several: Callable[[F], F]) -> Callable[[F], F]:
    """Several options as one decorator, in this order in the help."""

    def decorate(command: F) -> F:
        for each in reversed(several):
            command = each(command)
        return command

    return decorate


def require(**values: str | None) -> None:
    """Raise RefusedError with every option that is needed here and was not given, by its name."""
    if missing := [name for name, value in values.items() if not value]:
        told = "".join(f"\n  --{name.replace('_', '-')}, or SLIPWAY_{name.upper()}" for name in missing)
        raise RefusedError(f"Needed here and not given:{told}")


def secret(name: str, what: str) -> str:
    """A secret from the environment variable `name`, or from the file that `name`_FILE names; never from the command line.

    Raises UnreachableError where there is none.
    """
    file = os.environ.get(f"{name}_FILE")
    value = os.environ.get(name) or (_read(file, name) if file else "")
    if not value.strip():
        raise UnreachableError(f"{what} is missing. Next: put it into {name}, or its file's path into {name}_FILE.")
    return value.strip()


def registry_login() -> tuple[str, str]:
    """Account and password at the registry. Raises UnreachableError where one is missing."""
    return secret("SLIPWAY_REGISTRY_USER", "The registry's account"), secret("SLIPWAY_REGISTRY_PASSWORD", "The registry's password")


def _read(file: str, name: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) else "no text"
        raise UnreachableError(f"The file {file!r} that {name}_FILE names cannot be read: {problem}.") from None


def show(output: str, text: str, data: Any) -> None:
    """Print a result: the text for people, the data for programs."""
    click.echo(json.dumps(data, indent=2) if output == "json" else text)
