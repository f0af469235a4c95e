"""Where the platform runs."""

from ipaddress import IPv4Address
from typing import Literal

from pydantic import Field, model_validator

from stacks.model.forms import HttpUrl, Model


class Kubeconfig(Model):
    """A cluster that exists."""

    # As it is written: the provider expands `~`, and another machine has another home.
    path: str = Field(min_length=1, description="path of a kubeconfig file", examples=["~/.kube/config"])
    context: str = Field(min_length=1, description="name of a context in that file", examples=["kind-dev"])


class Node(Model):
    """A cluster that is made: one Kubernetes node in a Docker container."""

    kind: Literal["slipway", "k3s"] = Field(
        default="slipway", description="what the image is: slipway (ours) or k3s (rancher/k3s)", examples=["k3s"]
    )
    image: str = Field(min_length=1, description="image of the node", examples=["rancher/k3s:v1.34.4-k3s1"])
    network: str = Field(min_length=1, description="name of an existing Docker network", examples=["slipway"])
    address: IPv4Address = Field(description="free IPv4 address on that network", examples=["10.89.7.10"])
    dns: tuple[IPv4Address, ...] = Field(
        default=(), description="DNS servers of the node, a list of IPv4 addresses", examples=["[0] 10.89.7.2"]
    )
    registry_mirrors: dict[str, HttpUrl] = Field(
        default_factory=dict,
        description="registry host to the URL of its mirror",
        examples=['["docker.io"] http://10.89.7.3:5000'],
    )
    privileged: bool = Field(
        default=False, description="true or false: run the container privileged, not by capabilities", examples=["true"]
    )


class Cluster(Model):
    """Where the platform runs: exactly one of the two."""

    kubeconfig: Kubeconfig | None = Field(default=None, description="a cluster that exists", examples=[".context kind-dev"])
    node: Node | None = Field(
        default=None,
        description="a cluster to make, in a Docker container",
        examples=[".image rancher/k3s:v1.34.4-k3s1"],
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> "Cluster":
        if (self.kubeconfig is None) == (self.node is None):
            raise ValueError("exactly one of kubeconfig and node")
        return self
