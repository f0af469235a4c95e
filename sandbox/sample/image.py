"""The image of the sample application."""

import tarfile
import tempfile

import docker
from docker.errors import APIError, BuildError, ImageNotFound

from sandbox.cache import ROOT, digest
from sandbox.errors import SandboxError
from sandbox.images.registry import push
from sandbox.outside import Outside
from sandbox.progress import step

SOURCE = ROOT / "examples" / "flask"
REPOSITORY = "samples/flask"


def ensure(client: docker.DockerClient, outside: Outside, python_image: str) -> tuple[str, str]:
    """Build the sample where its source changed, and push it. Returns the repository as the cluster pulls it, and the tag.

    Raises SandboxError with the last lines of the build, or with the registry's answer.
    """
    tag = f"src-{digest([SOURCE, python_image])}"
    local = f"slipway/sample:{tag}"
    try:
        client.images.get(local)
    except ImageNotFound:
        with step("building the sample application's image", 30):
            _build(client, local, python_image)
    with step("pushing the sample application's image"):
        push(client, local, f"127.0.0.1:{outside.registry_port}/{REPOSITORY}:{tag}")
    return f"{outside.registry}/{REPOSITORY}", tag


def _build(client: docker.DockerClient, tag: str, python_image: str) -> None:
    with tempfile.TemporaryFile() as context:
        with tarfile.open(fileobj=context, mode="w") as archive:
            archive.add(SOURCE, ".")
        context.seek(0)
        try:
            client.images.build(
                fileobj=context, custom_context=True, tag=tag, rm=True, network_mode="host", buildargs={"PYTHON": python_image}
            )
        except (BuildError, APIError) as error:
            last = "".join(entry.get("stream", "") for entry in list(getattr(error, "build_log", []))[-15:])
            raise SandboxError(f"Building {SOURCE} failed: {error}\n{last}Next: mend that and run this again.") from error
