"""Whether the disk has room: a full one stops a build, or the database of a cluster, in the middle."""

import shutil

from sandbox.cache import cache
from sandbox.errors import SandboxError

GIBIBYTE = 2**30
FIRST_GIB = 15
"""About 10 stay (tools 1, images and one sandbox 9); Go's build caches come on top for a while."""
AGAIN_GIB = 2
"""One more sandbox: a node's images and databases."""


def check() -> None:
    """Raise SandboxError where the cache's disk has too little room for what is still to be built and run."""
    folder = cache()
    needed = AGAIN_GIB if (folder / "tools").is_dir() else FIRST_GIB
    free = shutil.disk_usage(folder).free / GIBIBYTE
    if free < needed:
        raise SandboxError(
            f"The disk of {folder} has {free:.1f} GiB free, expected at least {needed} GiB.\n"
            "Next: make room there, or set SLIPWAY_CACHE to a folder on a larger disk."
        )
