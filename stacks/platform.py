"""The composition of an environment, in reading order: providers, then components."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pulumi
import pulumi_gitlab as gitlab
import pulumi_kubernetes as kubernetes
from pydantic.alias_generators import to_camel

from components.argocd import ArgoCd, ArgoCdArgs
from components.authority import Authority, AuthorityArgs
from components.chart import ChartPin, ChartReference, locate
from components.gitlab_repository import BRANCH, GitlabRepository, GitlabRepositoryArgs, managed_by
from components.gitops_bootstrap import GitopsBootstrap, GitopsBootstrapArgs
from components.ingress_nginx import IngressNginx, IngressNginxArgs
from components.versions import ARGO_CD, HARBOR, INGRESS_NGINX, JENKINS
from stacks import jenkins
from stacks import registry as registries
from stacks.jobs import WRITER, Surroundings
from stacks.model import Charts, Gitlab, Images, Settings
from stacks.model.cluster import Kubeconfig
from stacks.node import node_cluster
from stacks.tenancy import tenancy


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What an environment tells its users. `kubeconfig` is there for a cluster that the program made. `ca_bundle`: PEM text of the
    authorities to be trusted beside the public ones. `registry_push`: workspace to the credential that pushes its images, in the form of
    Docker's configuration file. `application_repository_urls`: application to the clone URL of its source code. `jenkins_jobs` is there
    for a Jenkins that ran already: the text by which it is told of its jobs."""

    domain: str
    kubeconfig: pulumi.Output[str] | None
    argocd_url: pulumi.Output[str]
    argocd_admin_password: pulumi.Output[str]
    argocd_release_token: pulumi.Output[str]
    gitops_repository_url: pulumi.Output[str]
    application_repository_urls: dict[str, pulumi.Output[str]]
    harbor_url: pulumi.Output[str]
    harbor_username: str
    harbor_password: pulumi.Output[str]
    registry_push: dict[str, pulumi.Output[str]]
    jenkins_url: pulumi.Output[str] | None
    jenkins_username: str | None
    jenkins_password: pulumi.Output[str] | None
    jenkins_jobs: pulumi.Output[str] | None
    ca_bundle: pulumi.Output[str]

    def exports(self) -> dict[str, pulumi.Input[Any]]:
        """Stack outputs by name, those that exist."""
        values = {to_camel(field.name): getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not None}


def deploy(settings: Settings, *, stack: str) -> Outputs:
    """Declare every resource of the environment. `stack` is the stack's name: it tells environments apart."""
    authority = _authority(settings, stack)
    bundle = _bundle(settings, authority)
    cluster, kubeconfig = _cluster(settings, stack, bundle)
    on_cluster = pulumi.ResourceOptions(providers=[cluster])
    ingress = IngressNginx(
        "ingress-nginx",
        IngressNginxArgs(
            chart=_chart(settings.charts, INGRESS_NGINX),
            service_type=settings.ingress.service_type,
            host_port=settings.ingress.host_port,
        ),
        on_cluster,
    )
    registry = registries.registry(
        settings,
        chart=_chart(settings.charts, HARBOR),
        ingress_class=ingress.class_name,
        authority=authority,
        bundle=bundle,
        on_cluster=on_cluster,
    )
    argocd = ArgoCd(
        "argocd",
        ArgoCdArgs(
            chart=_chart(settings.charts, ARGO_CD),
            domain=settings.domain,
            ingress_class=ingress.class_name,
            images=_images(settings.images),
        ),
        on_cluster,
    )
    in_gitlab = gitlab.Provider(
        "gitlab", base_url=f"{settings.gitlab.url}/api/v4/", token=_secret(settings.gitlab.token.get_secret_value())
    )
    group_id = _subgroup(settings, stack, in_gitlab)
    tenants = tenancy(settings, stack=stack, registry=registry, group_id=group_id, in_gitlab=in_gitlab, on_cluster=on_cluster)
    deployments = GitlabRepository(
        "gitops",
        GitlabRepositoryArgs(
            group_id=group_id,
            path=settings.gitlab.gitops_project,
            description="The desired state of the cluster; Argo CD follows it.",
            delete_permanently=settings.gitlab.delete_permanently,
            protect=settings.protect,
            webhook_urls=argocd.webhook_urls,
            webhook_secret=argocd.webhook_secret,
            writer=f"{WRITER}-{settings.rotation.tokens}",
        ),
        pulumi.ResourceOptions(providers=[in_gitlab]),
    )
    around = Surroundings(
        settings=settings,
        stack=stack,
        registry=registry,
        tenants=tenants,
        argocd=argocd,
        gitops=deployments,
        group_id=group_id,
        bundle=bundle,
        in_gitlab=pulumi.ResourceOptions(providers=[in_gitlab]),
        on_cluster=on_cluster,
    )
    jenkins_chart = _chart(settings.charts, JENKINS)
    builder = jenkins.builder(around, chart=jenkins_chart, ingress_class=ingress.class_name) if settings.jenkins.enabled else None
    GitopsBootstrap(
        "gitops-bootstrap",
        GitopsBootstrapArgs(
            namespace=argocd.namespace,
            namespaces=tenants.namespaces,
            tenants={tenant.user: tenant.workspace for tenant in settings.tenants},
            project_id=deployments.project_id,
            branch=BRANCH,
            repository=deployments.clone_url,
        ),
        pulumi.ResourceOptions(providers=[cluster, in_gitlab]),
    )
    return Outputs(
        domain=settings.domain,
        kubeconfig=kubeconfig,
        argocd_url=argocd.url,
        argocd_admin_password=argocd.admin_password,
        argocd_release_token=argocd.release_token,
        gitops_repository_url=deployments.clone_url,
        application_repository_urls={app: repository.clone_url for app, repository in tenants.repositories.items()},
        harbor_url=registry.url,
        harbor_username=registry.username,
        harbor_password=registry.password,
        registry_push=dict(tenants.push),
        jenkins_url=builder.url if builder else None,
        jenkins_username=builder.username if builder else None,
        jenkins_password=builder.password if builder else None,
        jenkins_jobs=builder.jobs if builder else None,
        ca_bundle=bundle,
    )


def _authority(settings: Settings, stack: str) -> Authority | None:
    """The platform's own authority, where there is a server to be certified."""
    if settings.harbor.external is not None:
        return None
    hosts = {registries.SERVER: registries.host(settings.domain)}
    return Authority("authority", AuthorityArgs(name=f"slipway {stack}", generation=settings.rotation.authority, hosts=hosts))


def _bundle(settings: Settings, authority: Authority | None) -> pulumi.Output[str]:
    """PEM text of all that is trusted beside the public authorities; empty where there is none."""
    given = Path(settings.ca_bundle).read_text(encoding="utf-8").rstrip() + "\n" if settings.ca_bundle else ""
    return pulumi.Output.concat(given, authority.certificate) if authority else pulumi.Output.from_input(given)


def _cluster(settings: Settings, stack: str, bundle: pulumi.Input[str]) -> tuple[kubernetes.Provider, pulumi.Output[str] | None]:
    if settings.cluster.node is not None:
        made = node_cluster(settings.cluster.node, stack, bundle)
        return made.provider, made.kubeconfig
    existing: Kubeconfig | None = settings.cluster.kubeconfig
    assert existing is not None  # the model lets exactly one through
    provider = kubernetes.Provider(
        "cluster",
        kubeconfig=existing.path,
        context=existing.context,
        # Without it a new address or certificate would look like another cluster, and every object would be replaced.
        cluster_identifier=existing.context,
        enable_server_side_apply=True,
        enable_secret_mutable=True,  # as in components/cluster.py
        enable_config_map_mutable=True,
    )
    return provider, None


def _subgroup(settings: Settings, stack: str, provider: gitlab.Provider) -> pulumi.Output[int]:
    # A group of its own in an existing one: GitLab.com has no top-level groups by API, and two stacks must not meet.
    chosen: Gitlab = settings.gitlab
    parent = gitlab.get_group_output(full_path=chosen.group, opts=pulumi.InvokeOutputOptions(provider=provider))
    path = chosen.subgroup or stack
    group = gitlab.Group(
        "group",
        parent_id=parent.group_id,
        name=path,
        path=path,
        description=managed_by(stack),
        visibility_level="private",
        permanently_remove_on_delete=chosen.delete_permanently,
        opts=pulumi.ResourceOptions(provider=provider, protect=settings.protect),
    )
    return group.id.apply(int)


def _chart(charts: Charts, pin: ChartPin) -> ChartReference:
    return locate(pin, charts.source_of(pin.name))


def _images(images: Images) -> dict[str, dict[str, str]]:
    """Overrides by the key of the chart's values under which `image` lies."""
    chosen = {"global": images.argocd, "redis": images.redis}
    return {key: image.model_dump() for key, image in chosen.items() if image is not None}


def _secret(value: str) -> pulumi.Output[str]:
    return pulumi.Output.secret(value)
