"""The registry image with the published images already in it, so that a new sandbox need not push them again."""

import http.client
import socket
import time

import docker

from sandbox.cache import digest, lock
from sandbox.errors import SandboxError
from sandbox.images.builder import has
from sandbox.images.catalog import IMAGES
from sandbox.progress import step

START_SECONDS = 30.0
LOADING = "slipway-registry-loading"
"""The container that images are pushed into; one that a killed run left is removed by the next."""


def ensure(client: docker.DockerClient, tags: dict[str, str]) -> str:
    """The tag of a registry image that serves every published image under its upstream path (without the upstream's host)."""
    published = {image.published: tags[image.name] for image in IMAGES if image.published}
    repository, tag = "slipway/registry", f"loaded-{digest([tags['registry'], *(f'{name} {image}' for name, image in published.items())])}"
    with lock("images"):
        if not has(client, f"{repository}:{tag}"):
            with step("putting the images into the registry", 60):
                _load(client, tags["registry"], published, repository, tag)
    return f"{repository}:{tag}"


def _load(client: docker.DockerClient, image: str, published: dict[str, str], repository: str, tag: str) -> None:
    port = _free_port()
    # On the host's loopback, which every engine accepts without TLS.
    for killed in client.containers.list(all=True, filters={"name": f"^/?{LOADING}$"}):
        killed.remove(force=True, v=True)
    environment = {"REGISTRY_HTTP_ADDR": f"127.0.0.1:{port}"}
    container = client.containers.create(image, name=LOADING, network_mode="host", environment=environment)
    try:
        container.start()
        _until_ready(port)
        for name, source in published.items():
            push(client, source, f"127.0.0.1:{port}/{name.split('/', 1)[1]}")
        container.stop(timeout=10)
        # The address above is for this one run.
        container.commit(repository, tag, changes="ENV REGISTRY_HTTP_ADDR=:5000")
    finally:
        container.remove(force=True, v=True)


def push(client: docker.DockerClient, source: str, target: str) -> str:
    """Push an image of the engine under another name; returns the digest. Raises SandboxError with the registry's answer."""
    client.images.get(source).tag(target)
    digest_pushed = ""
    try:
        for line in client.images.push(target, stream=True, decode=True):
            if "error" in line:
                raise SandboxError(f"Pushing {source} to {target} failed: {line['error']}")
            digest_pushed = line.get("aux", {}).get("Digest", digest_pushed)
    finally:
        client.images.remove(target)
    return digest_pushed


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _until_ready(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/v2/")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        if time.monotonic() > deadline:
            raise SandboxError(f"The registry did not answer on 127.0.0.1:{port} within {START_SECONDS:.0f} s.")
        time.sleep(0.1)
