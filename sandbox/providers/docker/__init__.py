"""The `docker` provider: networks, volumes, images (pulled and built) and containers of one Docker daemon.

What the inputs mean: https://www.pulumi.com/registry/packages/docker/api-docs/
"""

from collections.abc import Mapping
from typing import ClassVar

from sandbox.providers.docker.built import Image
from sandbox.providers.docker.client import Client
from sandbox.providers.docker.container import Container
from sandbox.providers.docker.image import RemoteImage
from sandbox.providers.docker.network import Network
from sandbox.providers.docker.volume import Volume
from sandbox.providers.plugin import Failure, Plugin, Properties, Resource

_COVERED = frozenset({"host", "registryAuth", "disableDockerDaemonCheck", "version"})


class Docker(Plugin):
    """The provider. Without a `host` it takes DOCKER_HOST, then the default socket."""

    name = "docker"
    version = "5.2.0"
    official = "pulumi plugin install resource docker v5.2.0"
    json_config = frozenset({"registryAuth", "disableDockerDaemonCheck"})

    def __init__(self) -> None:
        self._client = Client()
        self._resources: Mapping[str, Resource] = {
            "docker:index/network:Network": Network(self._client),
            "docker:index/volume:Volume": Volume(self._client),
            "docker:index/remoteImage:RemoteImage": RemoteImage(self._client),
            "docker:index/image:Image": Image(self._client),
            "docker:index/container:Container": Container(self._client),
        }

    _refused: ClassVar = "the sandbox's provider does not cover `{}`: leave it out, or install the official one"

    def check_config(self, config: Properties) -> list[Failure]:
        """Refuse options that are not covered."""
        return [Failure(name, self._refused.format(name)) for name in sorted(config.keys() - _COVERED)]

    def configure(self, config: Properties) -> None:
        """Take the daemon's address and the registries' credentials."""
        self._client.configure(config.get("host"), config.get("registryAuth") or [])

    def resource(self, token: str) -> Resource | None:
        """Return the implementation of a type."""
        return self._resources.get(token)


def plugin() -> Plugin:
    """Return the provider."""
    return Docker()
