"""The block of a sandbox in /etc/hosts, so that its names resolve on this machine too."""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from sandbox.cache import lock
from sandbox.errors import SandboxError
from sandbox.instance import Sandbox

FILE = Path("/etc/hosts")


def writable() -> bool:
    """Whether this user may write the block; if not, links are shown with the address."""
    return os.access(FILE, os.W_OK)


def write(sandbox: Sandbox, names: Mapping[str, str], alive: Callable[[str], bool]) -> None:
    """Put the names (host name to address) into the sandbox's block, replacing it.

    `alive` tells whether the sandbox with an id still runs: a block that one left behind is removed. Raises SandboxError where a
    running one of another checkout has one of the names: the first line would win, silently.
    """
    with lock("hosts"):
        others = _freed(_without(FILE.read_text(), sandbox.id), names, alive)
        lines = "".join(f"{address} {name}\n" for name, address in sorted(names.items()))
        _replace(f"{others.rstrip()}\n{_begin(sandbox.id)}\n{lines}{_end(sandbox.id)}\n")


def _freed(others: str, names: Iterable[str], alive: Callable[[str], bool]) -> str:
    """The text without the blocks of sandboxes that are gone and had one of the names. Raises SandboxError for one that runs."""
    for name in names:
        owner = re.search(rf"# slipway (\S+) begin\n(?:(?!# slipway).*\n)*?\S+ {re.escape(name)}\n", others)
        if owner and alive(owner[1]):
            raise SandboxError(
                f"The name {name} belongs to the sandbox {owner[1]} in {FILE}, of another checkout.\n"
                "Next: `make down` there, or choose another name here with `make up NAME=...`."
            )
        if owner:
            others = _without(others, owner[1])
    return others


def remove(sandbox: Sandbox) -> None:
    """Remove the sandbox's block, if there is one."""
    with lock("hosts"):
        text = FILE.read_text()
        if _begin(sandbox.id) in text:
            _replace(_without(text, sandbox.id).rstrip() + "\n")


def present(sandbox: Sandbox) -> bool:
    """Whether the block is there."""
    return _begin(sandbox.id) in FILE.read_text()


def _replace(text: str) -> None:
    # In place: in a container the file is a mount, which cannot be replaced by another. Never empty in between.
    with FILE.open("r+") as file:
        file.write(text)
        file.truncate()


def _begin(id: str) -> str:
    return f"# slipway {id} begin"


def _end(id: str) -> str:
    return f"# slipway {id} end"


def _without(text: str, id: str) -> str:
    return re.sub(rf"{re.escape(_begin(id))}\n.*?{re.escape(_end(id))}\n?", "", text, flags=re.DOTALL)
