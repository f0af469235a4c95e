"""Who holds a stack: the locks in its state backend, and whether their holders are still at work."""

import os
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from pulumi import automation

CLOUD = ("http://", "https://")
"""Pulumi Cloud and its like keep leases that nobody can list; every other backend keeps files."""
_LOCK = re.compile(r"created by (?P<user>.+?)@(?P<host>\S+) \(pid (?P<process>\d+)\) at (?P<since>\S+)")


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A run that holds a stack. host, process: where it runs, and its number there. since: in RFC 3339."""

    user: str
    host: str
    process: int
    since: str

    def __str__(self) -> str:
        return f"{self.user} on {self.host}, process {self.process}, since {self.since}"

    @property
    def is_here(self) -> bool:
        """Whether it began on this machine."""
        return self.host == socket.gethostname()

    @property
    def is_over(self) -> bool:
        """Whether it began on this machine and is no more: of other machines nothing is known here."""
        return self.is_here and not runs(self.process)


def told(text: str) -> list[Holder]:
    """The holders that Pulumi's message of a locked stack names; none where it is another message."""
    return [
        Holder(user=each["user"], host=each["host"], process=int(each["process"]), since=each["since"]) for each in _LOCK.finditer(text)
    ]


def holders(stack: automation.Stack) -> list[Holder]:
    """Who holds the stack; nobody is known for a stack in Pulumi Cloud. Raises automation.CommandError where the backend fails.

    Pulumi has no command that lists locks. Renaming a stack to its own name takes the lock before it is refused, and writes nothing:
    https://github.com/pulumi/pulumi/blob/v3.255.0/pkg/backend/diy/backend.go (`renameStack`). That works on every backend of files.
    """
    workspace = stack.workspace
    if backend(stack).startswith(CLOUD):
        return []
    try:
        workspace.pulumi_command.run(["stack", "rename", stack.name, "--stack", stack.name], workspace.work_dir, _environment())
    except automation.ConcurrentUpdateError as error:
        return told(str(error))
    except automation.CommandError as error:
        if "already exists" not in str(error):
            raise
    return []


def backend(stack: automation.Stack) -> str:
    """The URL of the stack's state backend, without a password in it."""
    return re.sub(r"//[^/@]*@", "//***@", str(stack.workspace.who_am_i().url))


@contextmanager
def explained(name: str, otherwise: Callable[[str], str]) -> Iterator[None]:
    """Turn a failure of Pulumi on the stack `name` into a ClickException: who holds it, or else its last words by `otherwise`."""
    try:
        yield
    except automation.ConcurrentUpdateError as error:
        raise click.ClickException(held(name, told(str(error)))) from None
    except automation.CommandError as error:
        raise click.ClickException(otherwise(str(error).strip()[-4000:])) from None


def held(name: str, who: list[Holder]) -> str:
    """That another run holds the stack, and what to do."""
    lines = "".join(f"\n  {each}{' (it is no more)' if each.is_over else ''}" for each in who)
    return (
        f"Another run holds the stack {name}; nothing was changed.{lines}\n"
        f"Next: wait until it ends. If it is dead: slipway state unlock --stack {name}"
    )


def runs(process: int) -> bool:
    """Whether a process of this machine is a run of Pulumi: not one that waits to be reaped, nor another program that got its number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # another user's
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:  # no Linux: nothing more is known of it
        return not Path("/proc/self/stat").exists()
    return "(pulumi)" in status and status.rpartition(")")[2].split()[0] != "Z"


def _environment() -> dict[str, str]:
    return {"PULUMI_SKIP_UPDATE_CHECK": "true"}
