"""What Jenkins is told of one workspace: its folders, credentials and jobs, as a Secret that the controller's sidecar picks up."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

PREFIX = "jenkins-jobs-"


@dataclass(frozen=True, kw_only=True)
class WorkspaceJobsArgs:
    """namespace: of the controller. label: by which the sidecar finds what is for it. workspace: the workspace's id.
    configuration: JCasC text (secret)."""

    namespace: pulumi.Input[str]
    label: str
    workspace: str
    configuration: pulumi.Input[str]


class WorkspaceJobs(pulumi.ComponentResource):
    """Output: `name` of the Secret, known once it is there."""

    name: pulumi.Output[str]

    def __init__(self, name: str, args: WorkspaceJobsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("slipway:components:WorkspaceJobs", name, {}, opts)
        secret = kubernetes.core.v1.Secret(
            f"{name}-jobs",
            metadata={"name": f"{PREFIX}{args.workspace}", "namespace": args.namespace, "labels": {args.label: "true"}},
            string_data={f"{PREFIX}{args.workspace}.yaml": args.configuration},
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.name = secret.metadata.name
        self.register_outputs({})
