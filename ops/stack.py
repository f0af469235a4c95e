"""The Pulumi stack that a command is about, through Pulumi's Automation API."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import click
from pulumi import automation

HERE = Path(__file__).resolve().parent.parent
"""The program's directory."""


def chosen(name: str | None) -> str:
    """The stack's name: as given, else `PULUMI_STACK`, else the one that `pulumi stack select` chose. Raises ClickException without any."""
    if found := name or os.environ.get("PULUMI_STACK"):
        return found
    asked = subprocess.run(["pulumi", "stack", "--show-name"], cwd=HERE, capture_output=True, text=True, check=False)
    if asked.returncode:
        raise click.ClickException("no stack is chosen; expected one by --stack, PULUMI_STACK, or `pulumi stack select NAME`")
    return asked.stdout.strip()


def config_file(stack: str) -> Path:
    """The file with a stack's configuration, where Pulumi looks for it."""
    named = os.environ.get("PULUMI_OPTION_CONFIG_FILE")
    return Path(named) if named else HERE / f"Pulumi.{stack}.yaml"


def find(name: str) -> automation.Stack | None:
    """The stack of this name; None where there is none."""
    try:
        return automation.select_stack(stack_name=name, work_dir=str(HERE))
    except automation.StackNotFoundError:
        return None


def select(name: str) -> automation.Stack:
    """The stack of this name. Raises ClickException where there is none."""
    if found := find(name):
        return found
    raise click.ClickException(f"there is no stack {name!r}; expected one of `pulumi stack ls`, or: pulumi stack init {name}")


def plain(value: Any) -> Any:
    """A property of an exported state, which is an envelope around JSON where it is secret."""
    return json.loads(value["plaintext"]) if isinstance(value, dict) and "plaintext" in value else value
