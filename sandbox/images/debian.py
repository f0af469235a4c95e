"""The Debian below all images: pulled where Docker Hub answers, else made from Debian's own packages."""

import subprocess
import tempfile
from pathlib import Path

import docker
from docker.errors import DockerException

from sandbox import packages
from sandbox.errors import SandboxError
from sandbox.images.builder import has
from sandbox.progress import step

DEBIAN = "slipway/debian:bookworm"
UPSTREAM = "debian:bookworm-slim"


def ensure(client: docker.DockerClient) -> None:
    """Give the engine the image DEBIAN. Raises SandboxError, with the last lines, where both ways fail."""
    if not has(client, DEBIAN) and not _pull(client):
        _make(client)


def _pull(client: docker.DockerClient) -> bool:
    try:
        client.images.pull(UPSTREAM).tag(DEBIAN)
    except DockerException:
        return False
    return True


def _make(client: docker.DockerClient) -> None:
    packages.ensure(packages.DEBIAN)
    excludes = [f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in ("man", "doc", "locale")]
    with tempfile.TemporaryDirectory() as folder, step(f"making a Debian image, since {UPSTREAM} cannot be pulled", 60):
        archive = Path(folder) / "debian.tar"
        command = ["mmdebstrap", "--variant=minbase", "--include=ca-certificates", *excludes, "bookworm", str(archive)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode:
            last = "\n".join(result.stderr.splitlines()[-8:])
            raise SandboxError(
                f"Neither could {UPSTREAM} be pulled, nor could mmdebstrap make a Debian (exit code {result.returncode}):\n{last}\n"
                f"Next: give the engine an image named {DEBIAN} (any Debian 12), then run this again."
            )
        repository, tag = DEBIAN.split(":")
        client.api.import_image_from_file(str(archive), repository=repository, tag=tag)
