"""The image of the sample application by the Docker engine, and its way into the stack's Harbor, for machines where Jenkins cannot be."""

import json
import tarfile
import tempfile
from dataclasses import dataclass
from typing import IO

import docker

from sandbox import harbor
from sandbox.cache import ROOT, digest
from sandbox.errors import SandboxError
from sandbox.images import builder
from sandbox.outside import Outside
from sandbox.progress import step
from sandbox.sample.release import SAMPLE
from sandbox.skopeo import Skopeo
from sandbox.stack import Stack

SOURCE = ROOT / "examples" / "flask"
DOCKERFILE = ROOT / "sandbox" / "sample" / "Dockerfile"
BELOW = f"{SAMPLE.user}/{SAMPLE.project}"
"""The image's name below its workspace's project in Harbor."""


@dataclass(frozen=True)
class Pushed:
    """An image in a registry: its name without the tag, as pods pull it, its tag and its digest."""

    repository: str
    tag: str
    digest: str


def ensure(client: docker.DockerClient, stack: Stack, world: Outside, images: dict[str, str]) -> Pushed:
    """Build the sample where its source changed, and push it with the workspace's own robot where Harbor lacks it.

    Raises SandboxError with the last lines of the build, or with the registry's answer.
    """
    local = built(client, images)
    tag = local.partition(":")[2]
    repository = f"{harbor.host(stack.name)}/{SAMPLE.workspace}/{BELOW}"
    administrator = harbor.administrator(stack, world)
    found = administrator.digest(SAMPLE.workspace, BELOW, tag)
    if found is None:
        with step("pushing the sample application's image to Harbor"):
            push(client, stack, world, images["skopeo"], local, f"{repository}:{tag}")
        found = administrator.digest(SAMPLE.workspace, BELOW, tag)
    if found is None:
        raise SandboxError(f"Harbor has no {repository}:{tag} although it was pushed. Next: `slipway sandbox env`, and look at it.")
    return Pushed(repository, tag, found)


def built(client: docker.DockerClient, images: dict[str, str]) -> str:
    """The sample's image in the engine, built where its source changed. Raises SandboxError with the last lines of the build."""
    local = f"slipway/sample:src-{digest([SOURCE, DOCKERFILE, images['python']])}"
    if not builder.has(client, local):
        with step("building the sample application's image", 30):
            content = [(".", SOURCE), ("Dockerfile", DOCKERFILE)]
            builder.build(client, local, content, {"PYTHON": images["python"]}, f"of the sample ({SOURCE.relative_to(ROOT)})")
    return local


def push(client: docker.DockerClient, stack: Stack, world: Outside, skopeo: str, source: str, target: str) -> None:
    """Copy an image of the engine into the stack's Harbor, with the credential of the workspace in its name. Raises SandboxError."""
    outputs = stack.outputs()
    login = _text(outputs["registryPush"][target.split("/")[1]])
    with tempfile.TemporaryFile() as archive:
        _save(client, source, archive)
        pushing = Skopeo(client, stack, world, skopeo, outputs["caBundle"])
        answer = pushing.run(login, "copy", "docker-archive:/image.tar", f"docker://{target}", archive=archive)
    if answer.status:
        said = "\n".join(answer.text.strip().splitlines()[-5:])
        raise SandboxError(f"Pushing {source} to {target} failed:\n{said}\nNext: see whether Harbor is well, then run this again.")


def _text(value: object) -> str:
    """A secret output as text: Pulumi gives what is JSON as an object."""
    return value if isinstance(value, str) else json.dumps(value)


def _save(client: docker.DockerClient, image: str, archive: IO[bytes]) -> None:
    """Write a tar that holds `image.tar`, the image, to a file, and go to its beginning."""
    with tempfile.TemporaryFile() as saved:
        for chunk in client.images.get(image).save(named=True):
            saved.write(chunk)
        entry = tarfile.TarInfo("image.tar")
        entry.size = saved.tell()
        saved.seek(0)
        with tarfile.open(fileobj=archive, mode="w") as tar:
            tar.addfile(entry, saved)
    archive.seek(0)
