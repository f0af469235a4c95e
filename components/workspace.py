"""A workspace: where its images and its source code live, and the account that pushes images."""

from dataclasses import dataclass

import pulumi
import pulumi_gitlab as gitlab
import pulumiverse_harbor as harbor

from components.robots import PULL, PUSH, SCAN, Credential, Lifetime, Rights, robot

RELEASES = "v*"
"""Tags that never move: those of releases."""


@dataclass(frozen=True, kw_only=True)
class WorkspaceArgs:
    """workspace: the workspace's id. prefix: what names in Harbor begin with. mirror: Harbor project of base images, which builds read.
    group_id: GitLab group that gets a sub-group for the workspace. description: of that sub-group. tokens: another number makes new ones.
    delete_images, delete_permanently: whether what is deleted goes with its images, and at once in GitLab.
    protect: whether plain `pulumi` refuses to delete. deleted_with: the Harbor that takes its content along, if it is ours."""

    workspace: str
    prefix: str
    mirror: pulumi.Input[str]
    group_id: pulumi.Input[int]
    description: str
    tokens: int
    lifetime: Lifetime
    delete_images: bool
    delete_permanently: bool
    protect: bool
    deleted_with: pulumi.Resource | None = None


class Workspace(pulumi.ComponentResource):
    """Outputs: `registry_project`, name of its project in Harbor, known once releases are immutable there; `push`: the credential of its
    push robot; `scan`: of the robot that reads and begins scans; `group_id` of its GitLab group; `source`: the credential that clones its
    applications' source code; `status`: the one that reports builds at their commits."""

    registry_project: pulumi.Output[str]
    push: Credential
    scan: Credential
    group_id: pulumi.Output[int]
    source: Credential
    status: Credential

    def __init__(self, name: str, args: WorkspaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("slipway:components:Workspace", name, {}, opts)
        project = harbor.Project(
            name,
            name=f"{args.prefix}{args.workspace}",
            public=False,
            vulnerability_scanning=True,  # scanned when pushed
            force_destroy=args.delete_images,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect, deleted_with=args.deleted_with),
        )
        rule = harbor.ImmutableTagRule(
            name,
            project_id=project.id,
            repo_matching="**",
            tag_matching=RELEASES,
            # Not deleted with the project: Harbor deletes no image whose tag is immutable.
            opts=pulumi.ResourceOptions(parent=self, deleted_with=args.deleted_with),
        )
        self.registry_project = pulumi.Output.all(project.name, rule.id).apply(lambda both: str(both[0]))
        self.push = self._robot(args, "push", "Pushes images of the workspace {}.", (self.registry_project, PUSH), (args.mirror, PULL))
        self.scan = self._robot(args, "scan", "Has images of the workspace {} scanned.", (self.registry_project, SCAN))
        group = gitlab.Group(
            name,
            parent_id=args.group_id,
            name=args.workspace,
            path=args.workspace,
            description=args.description,
            visibility_level="private",
            permanently_remove_on_delete=args.delete_permanently,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        self.group_id = group.id.apply(int)
        reader = gitlab.GroupDeployToken(
            f"source-{args.workspace}",
            group=group.id,
            name="jenkins",
            scopes=["read_repository"],
            opts=pulumi.ResourceOptions(parent=self, deleted_with=group),
        )
        self.source = Credential(username=reader.username, password=reader.token)
        # Statuses need a Developer's token with all of the API: https://docs.gitlab.com/api/commits/#set-commit-pipeline-status
        reporter = gitlab.GroupAccessToken(
            f"status-{args.workspace}",
            group=group.id,
            name=f"status-{args.tokens}",
            access_level="developer",
            scopes=["api"],
            opts=pulumi.ResourceOptions(parent=self, deleted_with=group),
        )
        self.status = Credential(username=reporter.name, password=reporter.token)
        self.register_outputs({})

    def _robot(self, args: WorkspaceArgs, verb: str, description: str, *rights: tuple[pulumi.Input[str], Rights]) -> Credential:
        return robot(
            self,
            f"{verb}-{args.workspace}",
            account=f"{args.prefix}{verb}-{args.workspace}",
            description=description.format(args.workspace),
            rights=rights,
            lifetime=args.lifetime,
            deleted_with=args.deleted_with,
        )
