"""A tenant's place in the cluster: the namespace in which all applications of one user run."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

import naming


@dataclass(frozen=True, kw_only=True)
class TenantArgs:
    """user: the user's id."""

    user: str


class Tenant(pulumi.ComponentResource):
    """Output: `namespace`. It is the platform's, not Argo CD's: no Application creates its own namespace."""

    namespace: pulumi.Output[str]

    def __init__(self, name: str, args: TenantArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("slipway:components:Tenant", name, {}, opts)
        namespace = kubernetes.core.v1.Namespace(
            name, metadata={"name": naming.namespace(args.user)}, opts=pulumi.ResourceOptions(parent=self)
        )
        self.namespace = namespace.metadata.name
        self.register_outputs({})
