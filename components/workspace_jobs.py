"""What Jenkins is told of a workspace, or of all of them: a Secret that the controller's sidecar picks up."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes


@dataclass(frozen=True, kw_only=True)
class WorkspaceJobsArgs:
    """namespace: of the controller. label: by which the sidecar finds what is for it. secret: name of the Secret; Jenkins reads them in the
    order of their names. configuration: JCasC text (secret)."""

    namespace: pulumi.Input[str]
    label: str
    secret: str
    configuration: pulumi.Input[str]


class WorkspaceJobs(pulumi.ComponentResource):
    """Output: `name` of the Secret, known once it is there."""

    name: pulumi.Output[str]

    def __init__(self, name: str, args: WorkspaceJobsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("slipway:components:WorkspaceJobs", name, {}, opts)
        secret = kubernetes.core.v1.Secret(
            f"{name}-jobs",
            metadata={"name": args.secret, "namespace": args.namespace, "labels": {args.label: "true"}},
            string_data={f"{args.secret}.yaml": args.configuration},
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.name = secret.metadata.name
        self.register_outputs({})
