"""The platform's pipeline project in GitLab: Jenkinsfiles and shared library, run at a revision that no push can move."""

from dataclasses import dataclass

import pulumi
import pulumi_gitlab as gitlab

from components.gitlab_parts import File, commit
from gitops import pipeline

TAGS = "platform-*"
"""Tags that only the platform's own token makes and removes."""


@dataclass(frozen=True, kw_only=True)
class PipelineProjectArgs:
    """project_id: of the project, known once its branch is protected. branch: where the files go."""

    project_id: pulumi.Input[str]
    branch: str


class PipelineProject(pulumi.ComponentResource):
    """Outputs: `revision`, the full name of the tag that jobs run, known once it is there; `username` and `password` of who reads it."""

    revision: pulumi.Output[str]
    username: pulumi.Output[str]
    password: pulumi.Output[str]

    def __init__(self, name: str, args: PipelineProjectArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("slipway:components:PipelineProject", name, {}, opts)
        own = pulumi.ResourceOptions(parent=self)
        committed = commit(
            [
                File(name=f"{name}-{path}", path=path, content=text, message=f"Pipeline: {path}")
                for path, text in pipeline.contents().items()
            ],
            project=args.project_id,
            branch=args.branch,
            opts=own,
        )
        protection = gitlab.TagProtection(name, project=args.project_id, tag=TAGS, create_access_level="maintainer", opts=own)
        revision = pipeline.revision()
        tag = gitlab.ProjectTag(
            f"{name}-{revision}",  # another revision is another tag: made before jobs are told, and before the old one goes
            project=args.project_id,
            name=revision,
            ref=args.branch,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*committed[-1:], protection]),
        )
        reader = gitlab.ProjectDeployToken(f"{name}-reader", project=args.project_id, name="jenkins", scopes=["read_repository"], opts=own)
        self.revision = tag.name.apply(lambda tag: f"refs/tags/{tag}")
        self.username, self.password = reader.username, reader.token
        self.register_outputs({})
