"""The block of a sandbox in /etc/hosts, so that its names resolve on this machine too."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.instance import Sandbox

FILE = Path("/etc/hosts")


def writable() -> bool:
    """Whether this user may write the block; if not, links are shown with the address."""
    return os.access(FILE, os.W_OK)


def write(sandbox: Sandbox, names: Mapping[str, str]) -> None:
    """Put the names (host name to address) into the sandbox's block, replacing it.

    Raises SandboxError where another sandbox has one of the names: the first line would win, silently.
    """
    text = FILE.read_text()
    others = _without(text, sandbox)
    for name in names:
        owner = re.search(rf"# slipway (\S+) begin\n(?:(?!# slipway).*\n)*?\S+ {re.escape(name)}\n", others)
        if owner:
            raise SandboxError(
                f"The name {name} belongs to the sandbox {owner[1]} in {FILE}, of another checkout.\n"
                "Next: `make down` there, or choose another name here with `make up NAME=...`."
            )
    lines = "".join(f"{address} {name}\n" for name, address in sorted(names.items()))
    _replace(f"{others.rstrip()}\n{_begin(sandbox)}\n{lines}{_end(sandbox)}\n")


def remove(sandbox: Sandbox) -> None:
    """Remove the sandbox's block, if there is one."""
    text = FILE.read_text()
    if _begin(sandbox) in text:
        _replace(_without(text, sandbox).rstrip() + "\n")


def present(sandbox: Sandbox) -> bool:
    """Whether the block is there."""
    return _begin(sandbox) in FILE.read_text()


def _replace(text: str) -> None:
    # In place: in a container the file is a mount, which cannot be replaced by another.
    FILE.write_text(text)


def _begin(sandbox: Sandbox) -> str:
    return f"# slipway {sandbox.id} begin"


def _end(sandbox: Sandbox) -> str:
    return f"# slipway {sandbox.id} end"


def _without(text: str, sandbox: Sandbox) -> str:
    return re.sub(rf"{re.escape(_begin(sandbox))}\n.*?{re.escape(_end(sandbox))}\n?", "", text, flags=re.DOTALL)
