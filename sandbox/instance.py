"""A sandbox: its name, its folder, its network and its addresses. One checkout may have several, by name."""

import hashlib
import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from sandbox.cache import ROOT, cache
from sandbox.errors import SandboxError

LABEL = "slipway.dev/sandbox"
"""The label of every Docker object that belongs to a sandbox; its value is the sandbox's id."""

SERVICES = ("dns", "registry", "gitlab", "proxy", "s3")

_NAME = re.compile(r"[a-z]([a-z0-9-]{0,18}[a-z0-9])?")


def checkout() -> str:
    """Six digits that tell this checkout from others on the machine."""
    return hashlib.sha256(str(ROOT).encode()).hexdigest()[:6]


def check_name(name: str, what: str) -> None:
    """Raise SandboxError for a name of a sandbox or stack that cannot be a DNS label of at most 20 characters, or is taken."""
    if not _NAME.fullmatch(name):
        raise SandboxError(
            f"{name!r} cannot be a {what}'s name: expected a lower-case letter, then letters, digits and dashes, at most 20, "
            "because it becomes part of host names. Next: choose another."
        )
    if name in SERVICES or f"-{checkout()}" in name:
        raise SandboxError(f"{name!r} cannot be a {what}'s name: the sandbox's own containers have it. Next: choose another.")


@dataclass(frozen=True)
class Sandbox:
    """The sandbox `name` of this checkout. Raises SandboxError for a name that cannot be part of a host name."""

    name: str

    def __post_init__(self) -> None:
        check_name(self.name, "sandbox")

    @property
    def id(self) -> str:
        """The name and the checkout: two checkouts may use the same name."""
        return f"{self.name}-{checkout()}"

    @property
    def folder(self) -> Path:
        """Its state: Pulumi's backend, generated secrets, logs. Only this user may read it."""
        return cache() / "sandboxes" / self.id

    @property
    def network(self) -> str:
        """The Docker network that all its containers share; also the prefix of their names."""
        return f"slipway-{self.id}"

    @property
    def zone(self) -> str:
        """The DNS zone of the services that belong to no stack."""
        return f"{self.name}.test"

    @property
    def proxy(self) -> Path:
        """The file with the URL of the forward proxy, there where one is needed."""
        return self.folder / "proxy"

    def container(self, service: str) -> str:
        """The name of a service's container."""
        return f"{self.network}-{service}"

    def secret(self, name: str) -> Path:
        """The file of a secret, with mode 0600."""
        return self.folder / "secrets" / name


@dataclass(frozen=True)
class Addresses:
    """Who has which address on a sandbox's network."""

    subnet: IPv4Network

    FIRST_NODE = 10

    @property
    def dns(self) -> IPv4Address:
        """The resolver of the sandbox's zones."""
        return self.subnet[2]

    @property
    def registry(self) -> IPv4Address:
        """The image registry, on port 5000."""
        return self.subnet[3]

    @property
    def gitlab(self) -> IPv4Address:
        """The GitLab stand-in, on port 80."""
        return self.subnet[4]

    @property
    def proxy(self) -> IPv4Address:
        """The forward proxy, on port 8888, where this machine cannot name the sandbox's hosts."""
        return self.subnet[5]

    @property
    def s3(self) -> IPv4Address:
        """The server of the S3 API, on port 7070, where one is wanted."""
        return self.subnet[6]

    def node(self, number: int) -> IPv4Address:
        """The node of the stack with this number, from 0."""
        return self.subnet[self.FIRST_NODE + number]
