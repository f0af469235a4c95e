"""Whether the bundle of certificate authorities is one."""

import ssl
from collections.abc import Iterator
from pathlib import Path

from stacks.health import trusting


def context(bundle: str | None) -> ssl.SSLContext | None:
    """What trusts the authorities in the file `bundle` beside the usual ones; None where the file holds none, which `problems` tells."""
    readable = bundle if bundle and Path(bundle).is_file() else None
    try:
        return trusting(Path(readable).read_text(encoding="utf-8") if readable else "")
    except (OSError, ValueError):
        return None


def problems(bundle: str) -> Iterator[str]:
    """A line where the file is not there, or holds no certificate."""
    if not Path(bundle).is_file():
        yield f"certificate bundle {bundle} is not a file; set slipway:caBundle"
        return
    try:
        trusting(Path(bundle).read_text(encoding="utf-8"))
    except (ssl.SSLError, UnicodeDecodeError, OSError) as error:
        yield f"certificate bundle {bundle} holds no certificates in PEM form ({error}); set slipway:caBundle to a file that does"
