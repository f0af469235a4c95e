"""Debian packages that the sandbox needs on this machine, installed in one call."""

import os
import shutil
import subprocess
from pathlib import Path

from sandbox.cache import cache, lock
from sandbox.errors import SandboxError
from sandbox.progress import step

ENGINE = {"dockerd": "docker.io", "iptables": "iptables"}
"""For a Docker engine of our own."""
DEBIAN = {"mmdebstrap": "mmdebstrap", "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring"}
"""For making a Debian image where none can be pulled."""


def ensure(packages: dict[str, str]) -> None:
    """Install what is missing of `packages`, which maps a command (or a file's path) to the Debian package that brings it.

    Raises SandboxError, with the command to run, where this user may not install or the installation fails.
    """
    search = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    there = {command for command in packages if shutil.which(command, path=search) or Path(command).is_file()}
    missing = sorted({package for command, package in packages.items() if command not in there})
    if not missing:
        return
    arguments = ["install", "-y", "--no-install-recommends", *missing]
    by_hand = f"`apt-get update && apt-get {' '.join(arguments)}`"
    # A new machine's own upgrades hold the lock for a while.
    install = ["apt-get", "-o", "DPkg::Lock::Timeout=300", *arguments]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SandboxError(
            f"This machine lacks the packages {', '.join(missing)}, and only root on Debian or Ubuntu can install them from here.\n"
            f"Next: run {by_hand} as root (or start a Docker daemon that this user may use), then run this again."
        )
    log = cache() / "apt.log"
    with lock("apt"), step(f"installing Debian packages: {', '.join(missing)}", 30), log.open("w") as output:
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update"], install):
            result = subprocess.run(command, env=environment, stdout=output, stderr=subprocess.STDOUT, check=False)
            if result.returncode:
                raise SandboxError(
                    f"`{' '.join(command)}` failed with exit code {result.returncode}. Its last lines:\n"
                    + "\n".join(log.read_text().splitlines()[-8:])
                    + f"\nNext: mend that, run {by_hand}, then run this again."
                )
