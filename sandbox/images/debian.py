"""The Debians below all images: pulled where Docker Hub answers, else made from Debian's own packages."""

import subprocess
import tempfile
from pathlib import Path

import docker
from docker.errors import DockerException

from sandbox import packages
from sandbox.errors import SandboxError
from sandbox.images.builder import has
from sandbox.progress import step

BOOKWORM, TRIXIE = "bookworm", "trixie"


def name(release: str) -> str:
    """The image of a release of Debian in the engine."""
    return f"slipway/debian:{release}"


def ensure(client: docker.DockerClient, release: str) -> None:
    """Give the engine the image of a release. Raises SandboxError, with the last lines, where both ways fail."""
    if not has(client, name(release)) and not _pull(client, release):
        _make(client, release)


def _pull(client: docker.DockerClient, release: str) -> bool:
    try:
        client.images.pull(f"debian:{release}-slim").tag(name(release))
    except DockerException:
        return False
    return True


def _make(client: docker.DockerClient, release: str) -> None:
    packages.ensure(packages.DEBIAN)
    excludes = [f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in ("man", "doc", "locale")]
    with tempfile.TemporaryDirectory() as folder, step(f"making a Debian image, since debian:{release}-slim cannot be pulled", 60):
        archive = Path(folder) / "debian.tar"
        command = ["mmdebstrap", "--variant=minbase", "--include=ca-certificates", *excludes, release, str(archive)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode:
            last = "\n".join(result.stderr.splitlines()[-8:])
            raise SandboxError(
                f"Neither could debian:{release}-slim be pulled, nor could mmdebstrap make one (exit code {result.returncode}):\n{last}\n"
                f"Next: give the engine an image named {name(release)} (any Debian {release}), then run this again."
            )
        repository, tag = name(release).split(":")
        client.api.import_image_from_file(str(archive), repository=repository, tag=tag)
