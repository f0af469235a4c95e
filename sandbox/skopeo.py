"""skopeo on a sandbox's network: there a registry's name resolves, whoever runs this."""

from dataclasses import dataclass
from typing import IO

import docker
from docker.errors import NotFound

from sandbox.containers import put
from sandbox.instance import LABEL
from sandbox.outside import Outside
from sandbox.stack import Stack

TRUST = {"inspect": ("--cert-dir",), "delete": ("--cert-dir",), "copy": ("--src-cert-dir", "--dest-cert-dir")}
"""Each verb's options for the folder of authorities."""


@dataclass(frozen=True)
class Answer:
    """How skopeo ended, and what it said."""

    status: int
    text: str


@dataclass(frozen=True)
class Skopeo:
    """skopeo for a stack. `image` is its image's tag; `bundle` is PEM text of the authorities to trust."""

    client: docker.DockerClient
    stack: Stack
    world: Outside
    image: str
    bundle: str

    def run(self, login: str, verb: str, *arguments: str, archive: IO[bytes] | None = None) -> Answer:
        """Run a verb with a credential in Docker's form. `archive` is a tar that is unpacked at `/` before."""
        network = self.stack.sandbox.network
        name = f"{network}-skopeo-{self.stack.name}"
        self._remove(name)  # one that a killed run left
        trust = [part for option in TRUST[verb] for part in (option, "/ca")]
        container = self.client.containers.create(
            self.image,
            [verb, "--authfile", "/auth.json", *trust, *arguments],
            name=name,
            labels={LABEL: self.stack.sandbox.id},
            network=network,
            dns=[str(self.world.addresses.dns)],
        )
        try:
            put(container, {"/auth.json": login.encode(), "/ca/ca.crt": self.bundle.encode()})
            if archive is not None:
                container.put_archive("/", archive)
            container.start()
            status = container.wait()["StatusCode"]
            return Answer(status, container.logs().decode(errors="replace"))
        finally:
            self._remove(name)

    def _remove(self, name: str) -> None:
        try:
            self.client.containers.get(name).remove(force=True, v=True)
        except NotFound:
            return
