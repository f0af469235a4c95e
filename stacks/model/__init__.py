"""The model of one environment's configuration. Each field says what it expects and gives an example:
error messages and docs/configuration.md are made from them. An example that begins with `[` or `.` is for an item: path and value."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from components.chart import UPSTREAM
from naming import LABEL
from stacks.model.cluster import Cluster
from stacks.model.forms import HOST, ChartSource, FilePath, HttpUrl, Model, Tag
from stacks.model.harbor import Harbor
from stacks.model.jenkins import Jenkins
from stacks.model.tenants import Tenant


class Charts(Model):
    """Where Helm charts come from."""

    source: ChartSource = Field(
        default=UPSTREAM,
        description='"upstream" (the publishers), an OCI prefix, or a directory of charts',
        examples=["oci://registry.example.com/charts"],
    )
    overrides: dict[Literal["argo-cd", "harbor", "ingress-nginx", "jenkins"], ChartSource] = Field(
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
    gitops_project: str = Field(default="gitops", pattern=LABEL, description="path of the GitOps project", examples=["deployments"])
    pipeline_project: str = Field(
        default="pipeline", pattern=LABEL, description="path of the project with the pipelines that Jenkins runs", examples=["pipelines"]
    )
    delete_permanently: bool = Field(
        default=False,
        description="true or false: destroy skips GitLab's delayed deletion, which holds the paths",
        examples=["true"],
    )


class Rotation(Model):
    """What is renewed by raising a number by one and running `pulumi up`."""

    robots: Annotated[int, Field(ge=1)] = Field(default=1, description="a number, raised to renew every robot's credential", examples=["2"])
    tokens: Annotated[int, Field(ge=1)] = Field(
        default=1, description="a number, raised to renew the tokens by which Jenkins uses GitLab", examples=["2"]
    )
    authority: Annotated[int, Field(ge=1)] = Field(
        default=1, description="a number, raised to renew the platform's certificate authority", examples=["2"]
    )


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
    harbor: Harbor = Field(default=Harbor(), description="the registry", examples=[".storage.registry 200Gi"])
    jenkins: Jenkins = Field(default=Jenkins(), description="what builds", examples=[".agents 20"])
    ca_bundle: FilePath | None = Field(
        default=None,
        description="path of a PEM bundle of authorities that nodes, builds and clients trust, as a company's own",
        examples=["/etc/ssl/certs/company.pem"],
    )
    rotation: Rotation = Field(default=Rotation(), description="what is to be renewed", examples=[".robots 2"])
    protect: bool = Field(
        default=True,
        description="true or false: plain `pulumi` refuses to delete GitLab and Harbor projects; `slipway up` asks instead",
        examples=["false"],
    )
    tenants: tuple[Tenant, ...] = Field(
        default=(),
        description="list of users, each with a workspace and applications; a user belongs to one workspace",
        examples=["[0].user alice"],
    )
    tenants_folder: FilePath | None = Field(
        default=None,
        description="path of a folder of YAML files, one a user, each as an item of `tenants`; they add to that list",
        examples=["tenants"],
    )
