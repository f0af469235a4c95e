"""What builds in an environment: a Jenkins that the platform installs, or one that runs already, and what the platform keeps in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_gitlab as gitlab

import naming
from components import jcasc
from components.chart import ChartReference
from components.jenkins import CONFIGURATION_LABEL, ImageName, Jenkins, JenkinsArgs, JenkinsNamespaces
from components.platform_images import PlatformImages, PlatformImagesArgs
from components.registry_secret import RegistrySecret, RegistrySecretArgs
from components.webhook import Webhook, WebhookArgs
from components.workspace_jobs import WorkspaceJobs, WorkspaceJobsArgs
from stacks import jobs
from stacks.docker_trust import trusted
from stacks.health import when_listed
from stacks.jobs import Built, Surroundings

ALL = "all.workspaces"
"""Name of what Jenkins is told of all workspaces together; no workspace has a dot in its id."""
FOLDERS, JOBS = "jenkins-folders", "jenkins-jobs-"
"""Names of the Secrets: which folders stay, and what each workspace has. In their order the first is read before the others."""


@dataclass(frozen=True, kw_only=True)
class Builder:
    """url, username, password: of Jenkins' administrator. jobs: the JCasC text that a Jenkins which is not the platform's has to be told
    (secret); None where it is told already."""

    url: pulumi.Output[str]
    username: str
    password: pulumi.Output[str]
    jobs: pulumi.Output[str] | None


def host(domain: str) -> str:
    """The DNS name of an installed Jenkins."""
    return f"jenkins.{domain}"


def builder(around: Surroundings, *, chart: ChartReference, ingress_class: pulumi.Input[str]) -> Builder:
    """Declare what builds, its jobs, and the webhooks that start them."""
    chosen = around.settings.jenkins
    applications = jobs.applications(around)
    pipelines = jobs.pipelines(around)
    told = {workspace: jobs.jobs(around, pipelines, workspace, built) for workspace, built in applications.items()}
    if external := chosen.external:
        url = pulumi.Output.from_input(external.url)
        password = pulumi.Output.secret(external.password.get_secret_value())
        for workspace, built in applications.items():
            _webhooks(around, workspace, built, url)
        return Builder(url=url, username=external.username, password=password, jobs=jobs.everything(around, told))
    namespaces = JenkinsNamespaces("jenkins", around.on_cluster)
    installed = _installed(around, namespaces, chart=chart, ingress_class=ingress_class)
    stays = jcasc.workspaces(around.stack, [jobs.folder(around, workspace) for workspace in told])
    # A new folder is known as one that stays before it is made.
    known = _tell(around, namespaces, ALL, FOLDERS, pulumi.Output.from_input(stays))
    there = {workspace: _tell(around, namespaces, workspace, f"{JOBS}{workspace}", _after(known, each)) for workspace, each in told.items()}
    for workspace, built in applications.items():
        ready = when_listed(
            pulumi.Output.all(installed.url, there[workspace]).apply(lambda values: str(values[0])),
            f"{jobs.folder(around, workspace)}/build",
            [naming.source_path(each.app) for each in built],
            username=installed.username,
            password=installed.password,
            bundle=around.bundle,
        )
        _webhooks(around, workspace, built, ready)
    return Builder(url=installed.url, username=installed.username, password=installed.password, jobs=None)


def _tell(
    around: Surroundings, namespaces: JenkinsNamespaces, name: str, secret: str, entries: pulumi.Output[list[dict[str, Any]]]
) -> pulumi.Output[str]:
    configuration = entries.apply(lambda known: jcasc.text({"jobs": known}))
    args = WorkspaceJobsArgs(namespace=namespaces.controller, label=CONFIGURATION_LABEL, secret=secret, configuration=configuration)
    return WorkspaceJobs(name, args, around.on_cluster).name


def _after(first: pulumi.Output[str], entries: pulumi.Output[list[dict[str, Any]]]) -> pulumi.Output[list[dict[str, Any]]]:
    """The entries, known once the other is."""
    return pulumi.Output.all(entries, first).apply(lambda known: list(known[0]))


def _webhooks(around: Surroundings, workspace: str, built: Sequence[Built], url: pulumi.Output[str]) -> None:
    """The form of the URL is the GitLab plugin's."""
    for each in built:
        job = f"{jobs.folder(around, workspace)}/build/{naming.source_path(each.app)}"
        args = WebhookArgs(project_id=each.repository.project_id, url=pulumi.Output.concat(url, "/project/", job), token=each.hook)
        Webhook(naming.application_name(each.app), args, around.in_gitlab)


def _installed(around: Surroundings, namespaces: JenkinsNamespaces, *, chart: ChartReference, ingress_class: pulumi.Input[str]) -> Jenkins:
    settings, registry, in_gitlab = around.settings, around.registry, around.settings.gitlab
    chosen = settings.jenkins
    images = PlatformImages(
        "platform-images",
        PlatformImagesArgs(
            registry=trusted(registry.host, around.bundle, chosen.images.docker_certificates),
            project=registry.projects.platform,
            prefix=settings.harbor.prefix,
            lifetime=registry.lifetime,
            deleted_with=registry.deleted_with,
            controller_base=chosen.images.controller,
            agent_base=chosen.images.agent,
            helm=chosen.images.helm,
            network=chosen.images.network,
        ),
        pulumi.ResourceOptions(providers=[registry.provider]),
    )
    # A dot in the names: no user is called so.
    pulls = [
        RegistrySecret(
            f"jenkins.{kind}", RegistrySecretArgs(namespace=namespace, registry=registry.host, credential=images.pull), around.on_cluster
        ).name
        for kind, namespace in (("controller", namespaces.controller), ("agents", namespaces.agents))
    ]
    token = gitlab.GroupAccessToken(
        "jenkins",
        group=around.group_id.apply(str),
        name=f"jenkins-{settings.rotation.tokens}",
        access_level="developer",
        scopes=["api"],
        opts=around.in_gitlab,
    )
    return Jenkins(
        "jenkins",
        JenkinsArgs(
            chart=chart,
            namespaces=namespaces,
            pull_secret=pulumi.Output.all(*pulls).apply(lambda names: str(names[0])),
            host=host(settings.domain),
            ingress_class=ingress_class,
            controller=ImageName(registry=registry.host, repository=images.controller.repository, tag=images.controller.tag),
            agent=pulumi.Output.concat(registry.host, "/", images.agent.repository, ":", images.agent.tag),
            environment={
                "SLIPWAY_REGISTRY": registry.host,
                "SLIPWAY_REGISTRY_PREFIX": settings.harbor.prefix,
                "SLIPWAY_GITLAB_URL": in_gitlab.url,
                "SLIPWAY_GITOPS_PROJECT": "/".join([in_gitlab.group, in_gitlab.subgroup or around.stack, in_gitlab.gitops_project]),
                "SLIPWAY_ARGOCD_URL": around.argocd.url,
                "SLIPWAY_JENKINS_PREFIX": chosen.prefix,
                "SLIPWAY_MIRROR": pulumi.Output.concat(registry.host, "/", registry.projects.mirror),
                **chosen.scan.variables(),
            },
            limit=chosen.agents,
            gitlab_url=settings.gitlab.url,
            gitlab_token=token.token,
            authorities=around.bundle,
            size=chosen.storage.size,
            storage_class=chosen.storage.storage_class,
        ),
        around.on_cluster,
    )
