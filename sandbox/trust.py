"""The Docker engine's trust in a stack's Harbor, which `pulumi up` gives where this user may: taken back when the stack goes.

https://docs.docker.com/engine/security/certificates/
"""

import os
import shutil
from pathlib import Path

from sandbox import harbor

FOLDER = Path("/etc/docker/certs.d")


def remove(stack: str) -> None:
    """Take the trust back, and the folders that hold nothing else."""
    folder = FOLDER / harbor.host(stack)
    if os.geteuid() == 0 and folder.is_dir():
        shutil.rmtree(folder)
        for parent in (FOLDER, FOLDER.parent):
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()
