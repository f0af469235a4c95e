"""The image of the sample application, and its way into the stack's Harbor."""

import json
import tarfile
import tempfile
from dataclasses import dataclass
from typing import IO

import docker

from sandbox import harbor
from sandbox.cache import ROOT, digest
from sandbox.containers import put
from sandbox.errors import SandboxError
from sandbox.images import builder
from sandbox.instance import LABEL
from sandbox.outside import Outside
from sandbox.progress import step
from sandbox.sample.release import SAMPLE
from sandbox.stack import Stack

SOURCE = ROOT / "examples" / "flask"
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
    tag = f"src-{digest([SOURCE, images['python']])}"
    local = f"slipway/sample:{tag}"
    if not builder.has(client, local):
        with step("building the sample application's image", 30):
            builder.build(client, local, [(".", SOURCE)], {"PYTHON": images["python"]}, f"of the sample ({SOURCE.relative_to(ROOT)})")
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


def push(client: docker.DockerClient, stack: Stack, world: Outside, skopeo: str, source: str, target: str) -> None:
    """Copy an image of the engine into the stack's Harbor, with the credential of the workspace in its name.

    By a container on the sandbox's network: there the registry's name resolves, whoever runs this. Raises SandboxError.
    """
    outputs = stack.outputs()
    workspace = target.split("/")[1]
    container = client.containers.create(
        skopeo,
        ["copy", "--authfile", "/auth.json", "--dest-cert-dir", "/ca", "docker-archive:/image.tar", f"docker://{target}"],
        labels={LABEL: stack.sandbox.id},
        name=f"{stack.sandbox.network}-push-{stack.name}",
        network=stack.sandbox.network,
        dns=[str(world.addresses.dns)],
    )
    try:
        put(container, {"/auth.json": _text(outputs["registryPush"][workspace]), "/ca/ca.crt": outputs["caBundle"].encode()})
        with tempfile.TemporaryFile() as archive:
            _save(client, source, archive)
            container.put_archive("/", archive)
        container.start()
        status = container.wait()["StatusCode"]
        if status:
            said = container.logs(tail=5).decode(errors="replace").strip()
            raise SandboxError(f"Pushing {source} to {target} failed:\n{said}\nNext: see whether Harbor is well, then run this again.")
    finally:
        container.remove(force=True, v=True)


def _text(value: object) -> bytes:
    """A secret output as text: Pulumi gives what is JSON as an object."""
    return (value if isinstance(value, str) else json.dumps(value)).encode()


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
