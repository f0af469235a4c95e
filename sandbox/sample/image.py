"""The image of the sample application."""

import docker

from sandbox.cache import ROOT, digest
from sandbox.images import builder
from sandbox.images.registry import push
from sandbox.outside import Outside
from sandbox.progress import step

SOURCE = ROOT / "examples" / "flask"
REPOSITORY = "samples/flask"


def ensure(client: docker.DockerClient, outside: Outside, python_image: str) -> tuple[str, str, str]:
    """Build the sample where its source changed, and push it. Returns the repository as the cluster pulls it, the tag, and the digest.

    Raises SandboxError with the last lines of the build, or with the registry's answer.
    """
    tag = f"src-{digest([SOURCE, python_image])}"
    local = f"slipway/sample:{tag}"
    if not builder.has(client, local):
        with step("building the sample application's image", 30):
            builder.build(client, local, [(".", SOURCE)], {"PYTHON": python_image}, f"of the sample ({SOURCE.relative_to(ROOT)})")
    with step("pushing the sample application's image"):
        digest_pushed = push(client, local, f"127.0.0.1:{outside.registry_port}/{REPOSITORY}:{tag}")
    return f"{outside.registry}/{REPOSITORY}", tag, digest_pushed
