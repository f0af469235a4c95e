"""The model of one environment's configuration. Each field says what it expects and gives an example:
error messages and docs/configuration.md are made from them. An example that begins with `[` or `.` is for an item: path and value."""

from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator
from pydantic.alias_generators import to_camel

from components.chart import UPSTREAM, is_directory
from naming import LABEL, USER_LIMIT

HOST = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$"


def _http_url(url: str) -> str:
    """A URL without a trailing slash, so that paths can be appended."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("not an http(s) URL")
    if parts.username or parts.password:
        raise ValueError("a URL must not hold a credential")
    return url.rstrip("/")


def _absolute(path: str) -> str:
    """A directory or file with `~` expanded; relative ones start at the program's directory."""
    return str(Path(path).expanduser().absolute())


def _chart_source(source: str) -> str:
    return _absolute(source) if is_directory(source) else source


def _no_fraction(tag: object) -> object:
    """YAML reads 3.10 as the number 3.1: better to ask than to pull another version."""
    if isinstance(tag, float):
        raise ValueError("a number, which would lose its trailing zeros: quote it")
    return tag


Tag = Annotated[str, BeforeValidator(_no_fraction)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
FilePath = Annotated[str, AfterValidator(_absolute)]
ChartSource = Annotated[str, Field(min_length=1), AfterValidator(_chart_source)]


class Model(BaseModel):
    """Unknown keys are errors; keys are written in camelCase, as everywhere in Pulumi, whose `config set` makes numbers
    of what looks like one."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, coerce_numbers_to_str=True)


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
    certificate_authorities: FilePath | None = Field(
        default=None, description="path of a PEM bundle that the node trusts", examples=["/etc/ssl/certs/company.pem"]
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


class Charts(Model):
    """Where Helm charts come from."""

    source: ChartSource = Field(
        default=UPSTREAM,
        description='"upstream" (the publishers), an OCI prefix, or a directory of charts',
        examples=["oci://registry.example.com/charts"],
    )
    overrides: dict[Literal["argo-cd", "ingress-nginx"], ChartSource] = Field(
        default_factory=dict, description="chart name to a source of its own", examples=['["argo-cd"] oci://registry.example.com/charts']
    )

    def source_of(self, chart: str) -> str:
        """The source of one chart, by its name."""
        return next((source for name, source in self.overrides.items() if name == chart), self.source)


class Image(Model):
    """An image in place of the chart's own."""

    repository: str = Field(min_length=1, description="image name without tag", examples=["registry.example.com/mirror/image"])
    tag: Tag = Field(min_length=1, description="image tag, quoted where it looks like a number", examples=["v1.2.3"])


class Images(Model):
    """Images in place of those that the charts name."""

    argocd: Image | None = Field(
        default=None,
        description="image of Argo CD",
        examples=[".tag v3.4.4"],
    )
    redis: Image | None = Field(
        default=None,
        description="image of Argo CD's Redis",
        examples=[".tag 8.2.3-alpine"],
    )


class Ingress(Model):
    """How requests from outside reach the cluster."""

    service_type: Literal["LoadBalancer", "NodePort", "ClusterIP"] = Field(
        default="LoadBalancer", description="LoadBalancer, NodePort or ClusterIP", examples=["NodePort"]
    )
    host_port: bool = Field(default=False, description="true or false: answer on ports 80 and 443 of every node", examples=["true"])


class Gitlab(Model):
    """The GitLab that holds the repositories."""

    url: HttpUrl = Field(description="an http(s) URL without credential", examples=["https://gitlab.com"])
    token: SecretStr = Field(min_length=1, description="secret: access token with scope api, Owner of the group", examples=None)
    group: str = Field(pattern=r"^[\w.-]+(/[\w.-]+)*$", description="full path of an existing group", examples=["example/platform"])
    subgroup: str | None = Field(
        default=None,
        pattern=LABEL,
        description="sub-group to make in it, a lower-case name; default: the stack's name",
        examples=["dev"],
    )
    application_project: str = Field(default="sample", pattern=LABEL, description="path of the application project", examples=["shop"])
    gitops_project: str = Field(default="gitops", pattern=LABEL, description="path of the GitOps project", examples=["deployments"])
    delete_permanently: bool = Field(
        default=False,
        description="true or false: destroy skips GitLab's delayed deletion, which holds the paths",
        examples=["true"],
    )


class Tenant(Model):
    """A user of a workspace, with a namespace for the user's applications."""

    workspace: str = Field(pattern=LABEL, description="workspace id, a lower-case DNS label", examples=["acme"])
    user: str = Field(pattern=LABEL, max_length=USER_LIMIT, description="user id, a lower-case DNS label of at most 58", examples=["alice"])


def _unique_users(tenants: tuple[Tenant, ...]) -> tuple[Tenant, ...]:
    users = [tenant.user for tenant in tenants]
    if repeated := sorted({user for user in users if users.count(user) > 1}):
        raise ValueError(f"{', '.join(repeated)} is there more than once, and would share a namespace")
    return tenants


class Settings(Model):
    """The whole configuration, namespace `slipway`."""

    domain: str = Field(pattern=HOST, description="lower-case DNS name under which the platform's hosts lie", examples=["dev.example.com"])
    cluster: Cluster = Field(
        description="exactly one of kubeconfig and node",
        examples=[".kubeconfig.context kind-dev"],
    )
    charts: Charts = Field(default=Charts(), description="where charts come from", examples=[".source oci://registry.example.com/charts"])
    images: Images = Field(
        default=Images(),
        description="images in place of the charts' own",
        examples=[".argocd.tag v3.4.4"],
    )
    ingress: Ingress = Field(default=Ingress(), description="how requests reach the cluster", examples=[".serviceType NodePort"])
    gitlab: Gitlab = Field(description="the GitLab to use", examples=[".url https://gitlab.com"])
    tenants: Annotated[tuple[Tenant, ...], AfterValidator(_unique_users)] = Field(
        default=(),
        description="list of users, each with a workspace; a user belongs to one",
        examples=["[0].user alice"],
    )
