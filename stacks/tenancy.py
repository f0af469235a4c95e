"""The tenants of an environment: their workspaces, their namespaces with what pulls images, and their applications' repositories."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gitlab as gitlab

import naming
from components.gitlab_repository import GitlabRepository, GitlabRepositoryArgs, Starter, managed_by
from components.registry_secret import RegistrySecret, RegistrySecretArgs, docker_config
from components.tenant import Tenant, TenantArgs
from components.workspace import Workspace, WorkspaceArgs
from stacks.model import Settings
from stacks.registry import Registry


@dataclass(frozen=True, kw_only=True)
class Tenancy:
    """workspaces: by their ids. namespaces: workspace to its users' namespaces. repositories: application to the project of its source
    code. push: workspace to the credential that pushes its images, in Docker's form (secret)."""

    workspaces: Mapping[str, Workspace]
    namespaces: Mapping[str, Sequence[pulumi.Output[str]]]
    repositories: Mapping[str, GitlabRepository]
    push: Mapping[str, pulumi.Output[str]]


def tenancy(
    settings: Settings,
    *,
    stack: str,
    registry: Registry,
    group_id: pulumi.Input[int],
    in_gitlab: gitlab.Provider,
    on_cluster: pulumi.ResourceOptions,
) -> Tenancy:
    """Declare everything of every tenant. Each object belongs to one workspace, user or application, and names no other."""
    workspaces = {
        workspace: Workspace(
            workspace,
            WorkspaceArgs(
                workspace=workspace,
                prefix=settings.harbor.prefix,
                mirror=registry.projects.mirror,
                group_id=group_id,
                description=managed_by(stack),
                tokens=settings.rotation.tokens,
                lifetime=registry.lifetime,
                delete_images=settings.harbor.delete_images,
                delete_permanently=settings.gitlab.delete_permanently,
                protect=settings.protect,
                deleted_with=registry.deleted_with,
            ),
            pulumi.ResourceOptions(providers=[registry.provider, in_gitlab]),
        )
        for workspace in dict.fromkeys(tenant.workspace for tenant in settings.tenants)
    }
    namespaces: dict[str, list[pulumi.Output[str]]] = {workspace: [] for workspace in workspaces}
    repositories: dict[str, GitlabRepository] = {}
    for tenant in settings.tenants:
        workspace = workspaces[tenant.workspace]
        place = Tenant(
            tenant.user,
            TenantArgs(
                user=tenant.user,
                registry_project=workspace.registry_project,
                prefix=settings.harbor.prefix,
                lifetime=registry.lifetime,
                deleted_with=registry.deleted_with,
            ),
            pulumi.ResourceOptions.merge(on_cluster, pulumi.ResourceOptions(providers=[registry.provider])),
        )
        RegistrySecret(
            tenant.user, RegistrySecretArgs(namespace=place.namespace, registry=registry.host, credential=place.pull), on_cluster
        )
        namespaces[tenant.workspace].append(place.namespace)
        for app, declared in zip(tenant.apps(), tenant.applications, strict=True):
            repositories[str(app)] = GitlabRepository(
                naming.application_name(app),
                GitlabRepositoryArgs(
                    group_id=workspace.group_id,
                    path=naming.source_path(app),
                    description=f"Source code of {app}.",
                    delete_permanently=settings.gitlab.delete_permanently,
                    protect=settings.protect,
                    starter=Starter(app=app, port=declared.port, hosts=declared.hosts),
                ),
                pulumi.ResourceOptions(providers=[in_gitlab]),
            )
    push = {workspace: docker_config(registry.host, each.push) for workspace, each in workspaces.items()}
    return Tenancy(workspaces=workspaces, namespaces=namespaces, repositories=repositories, push=push)
