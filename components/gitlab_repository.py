"""A GitLab project with a protected main branch and its webhooks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_gitlab as gitlab

from components.gitlab_parts import File, commit, hook
from gitops import starter as starters
from naming import App

BRANCH = "main"


def managed_by(stack: str) -> str:
    """What the description of a GitLab group says that belongs to a stack: preflight tells it by that from others of its name."""
    return f"Managed by slipway, stack {stack}."


@dataclass(frozen=True, kw_only=True)
class Starter:
    """What the first files of an application's repository tell: its names, its port, the hosts under which it answers."""

    app: App
    port: int
    hosts: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class GitlabRepositoryArgs:
    """group_id: of the group that holds the project. path: last part of its URL.
    webhook_urls: receiver to URL, told of every push. webhook_secret: sent along (secret).
    delete_permanently: on destroy, do not leave the project in GitLab's delayed deletion, which holds the path.
    protect: whether plain `pulumi` refuses to delete the project.
    starter: of which application files are committed once; from then on they are its developers'.
    writer: name of a bot that may push to main, a Developer: it can neither unprotect the branch nor change the project."""

    group_id: pulumi.Input[int]
    path: pulumi.Input[str]
    description: pulumi.Input[str]
    delete_permanently: pulumi.Input[bool]
    protect: bool
    webhook_urls: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    webhook_secret: pulumi.Input[str] | None = None
    starter: Starter | None = None
    writer: str | None = None


class GitlabRepository(pulumi.ComponentResource):
    """Outputs: `project_id`, known once main is protected; `clone_url` (HTTP); `writer_token` (secret) of the bot, if there is one, known
    once it may push."""

    project_id: pulumi.Output[str]
    clone_url: pulumi.Output[str]
    writer_token: pulumi.Output[str] | None = None

    def __init__(self, name: str, args: GitlabRepositoryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("slipway:components:GitlabRepository", name, {}, opts)
        project = gitlab.Project(
            name,
            namespace_id=args.group_id,
            name=args.path,
            path=args.path,
            description=args.description,
            default_branch=BRANCH,
            initialize_with_readme=True,
            visibility_level="private",
            permanently_delete_on_destroy=args.delete_permanently,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        # What belongs to the project goes with it: one deletion, not five.
        belongs = pulumi.ResourceOptions(parent=self, deleted_with=project)
        bot = self._bot(args.writer, project, belongs) if args.writer else None
        protection = gitlab.BranchProtection(
            f"{name}-{BRANCH}",
            project=project.id,
            branch=BRANCH,
            push_access_level="maintainer",
            merge_access_level="maintainer",
            allowed_to_pushes=[gitlab.BranchProtectionAllowedToPushArgs(user_id=bot.user_id)] if bot else None,
            opts=belongs,
        )
        if bot:
            self.writer_token = pulumi.Output.secret(pulumi.Output.all(bot.token, protection.id).apply(lambda known: str(known[0])))
        for receiver, url in args.webhook_urls.items():
            hook(f"{name}-{receiver}", project=project.id, url=url, token=args.webhook_secret, opts=belongs)
        if args.starter is not None:
            self._start(name, args.starter, protection, project)
        # Through the protection: nobody writes to the branch before it is protected.
        self.project_id = protection.project
        self.clone_url = project.http_url_to_repo
        self.register_outputs({})

    def _bot(self, name: str, project: gitlab.Project, opts: pulumi.ResourceOptions) -> gitlab.ProjectAccessToken:
        # Releases are commits by GitLab's API, which the scope write_repository does not let in.
        return gitlab.ProjectAccessToken(name, project=project.id, name=name, access_level="developer", scopes=["api"], opts=opts)

    def _start(self, name: str, starter: Starter, protection: gitlab.BranchProtection, project: gitlab.Project) -> None:
        files = starters.render(starter.app, port=starter.port, hosts=starter.hosts)
        commit(
            [File(name=f"{name}-{path}", path=path, content=text, message=f"Start: {path}") for path, text in files.items()],
            project=protection.project,
            branch=BRANCH,
            opts=pulumi.ResourceOptions(
                parent=self,
                deleted_with=project,
                ignore_changes=["content", "commitMessage", "filePath", "branch", "encoding"],
            ),
        )
