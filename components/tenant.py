"""A tenant's place: the namespace in which all applications of one user run, and the account by which their images are pulled."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

import naming
from components.robots import PULL, Credential, Lifetime, robot

# https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
POD_SECURITY = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn")}


@dataclass(frozen=True, kw_only=True)
class TenantArgs:
    """user: the user's id. registry_project: the Harbor project with the user's images. prefix, deleted_with: as in WorkspaceArgs."""

    user: str
    registry_project: pulumi.Input[str]
    prefix: str
    lifetime: Lifetime
    deleted_with: pulumi.Resource | None = None


class Tenant(pulumi.ComponentResource):
    """Outputs: `namespace`, which is the platform's (no Application creates its own); `pull`: the credential that pulls."""

    namespace: pulumi.Output[str]
    pull: Credential

    def __init__(self, name: str, args: TenantArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("slipway:components:Tenant", name, {}, opts)
        namespace = kubernetes.core.v1.Namespace(
            name,
            metadata={"name": naming.namespace(args.user), "labels": POD_SECURITY},
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.namespace = namespace.metadata.name
        self.pull = robot(
            self,
            f"pull-{args.user}",
            account=f"{args.prefix}pull-{args.user}",
            description=f"Pulls images for the namespace {naming.namespace(args.user)}.",
            rights=[(args.registry_project, PULL)],
            lifetime=args.lifetime,
            deleted_with=args.deleted_with,
        )
        self.register_outputs({})
