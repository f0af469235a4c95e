"""The Docker engine's trust in a stack's Harbor, where this user may give it: so that `docker pull` and `docker push` work by hand.

https://docs.docker.com/engine/security/certificates/
"""

import os
import shutil
from pathlib import Path

from sandbox import harbor
from sandbox.cache import write as write_file

FOLDER = Path("/etc/docker/certs.d")


def write(stack: str, bundle: str) -> None:
    """Let the engine trust the authorities in `bundle` (PEM text) for the Harbor of the stack with this name.

    It looks at the file at every pull and push.
    """
    file = _file(stack)
    if os.geteuid() == 0 and not (file.is_file() and file.read_text() == bundle):
        write_file(file, bundle)


def remove(stack: str) -> None:
    """Take the trust back, and the folders that hold nothing else."""
    folder = _file(stack).parent
    if os.geteuid() == 0 and folder.is_dir():
        shutil.rmtree(folder)
        for parent in (FOLDER, FOLDER.parent):
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()


def _file(stack: str) -> Path:
    return FOLDER / harbor.host(stack) / "ca.crt"
