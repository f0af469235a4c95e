"""The jobs of an environment, as Jenkins is told of them: whose Jenkins it is does not matter here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_random as random

import naming
from components import jcasc
from components.argocd import ArgoCd
from components.gitlab_repository import BRANCH, GitlabRepository, GitlabRepositoryArgs
from components.pipeline_project import PipelineProject, PipelineProjectArgs
from naming import App
from stacks.model import Settings
from stacks.model.tenants import Application
from stacks.registry import Registry
from stacks.tenancy import Tenancy

WRITER = "slipway-release"
"""Name of the bot that commits releases."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What Jenkins is declared among. group_id: the stack's group in GitLab. gitops: the GitOps repository, with a writer.
    bundle: PEM text of who is trusted beside the public authorities."""

    settings: Settings
    stack: str
    registry: Registry
    tenants: Tenancy
    argocd: ArgoCd
    gitops: GitlabRepository
    group_id: pulumi.Output[int]
    bundle: pulumi.Output[str]
    in_gitlab: pulumi.ResourceOptions
    on_cluster: pulumi.ResourceOptions


@dataclass(frozen=True, kw_only=True)
class Built:
    """An application that is built: `hook` is the secret token of its webhook."""

    app: App
    declared: Application
    repository: GitlabRepository
    hook: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class Pipelines:
    """repository: clone URL of the pipeline project. revision: the tag of it that is run. username, password: of who reads it."""

    repository: pulumi.Output[str]
    revision: pulumi.Output[str]
    username: pulumi.Output[str]
    password: pulumi.Output[str]


def applications(around: Surroundings) -> dict[str, list[Built]]:
    """The applications of each workspace; one without any is there too."""
    found: dict[str, list[Built]] = {workspace: [] for workspace in around.tenants.workspaces}
    for tenant in around.settings.tenants:
        for app, declared in zip(tenant.apps(), tenant.applications, strict=True):
            hook = random.RandomPassword(f"hook-{naming.application_name(app)}", length=32, special=False)
            found[tenant.workspace].append(
                Built(app=app, declared=declared, repository=around.tenants.repositories[str(app)], hook=hook.result)
            )
    return found


def pipelines(around: Surroundings) -> Pipelines:
    """Declare the project with what the jobs run."""
    settings = around.settings
    project = GitlabRepository(
        "pipeline",
        GitlabRepositoryArgs(
            group_id=around.group_id,
            path=settings.gitlab.pipeline_project,
            description="The pipelines that Jenkins runs; written by the platform.",
            delete_permanently=settings.gitlab.delete_permanently,
            protect=settings.protect,
        ),
        around.in_gitlab,
    )
    args = PipelineProjectArgs(project_id=project.project_id, branch=BRANCH)
    files = PipelineProject("pipeline-files", args, around.in_gitlab)
    return Pipelines(repository=project.clone_url, revision=files.revision, username=files.username, password=files.password)


def folder(around: Surroundings, workspace: str) -> str:
    """Name of a workspace's folder."""
    return f"{around.settings.jenkins.prefix}{workspace}"


def jobs(around: Surroundings, pipelines: Pipelines, workspace: str, built: Sequence[Built]) -> pulumi.Output[list[dict[str, Any]]]:
    """JCasC's `jobs` of a workspace (secret)."""
    logins = around.tenants.workspaces[workspace]
    secrets = {
        "reader": (pipelines.username, pipelines.password),
        "source": (logins.source.username, logins.source.password),
        "registry": (logins.push.username, logins.push.password),
        "scans": (logins.scan.username, logins.scan.password),
        "status": (logins.status.username, logins.status.password),
        "gitops": (WRITER, around.gitops.writer_token),
        "argocd": (around.argocd.release_account, around.argocd.release_token),
    }
    hooks = [each.hook for each in built]
    urls = [each.repository.clone_url for each in built]

    def told(known: dict[str, Any]) -> list[dict[str, Any]]:
        def login(id: str, description: str, of: str = "") -> dict[str, str]:
            return jcasc.login(id, description, *known["secrets"][of or id])

        reader = login(jcasc.PIPELINE_LOGIN, "Reads the pipelines.", "reader")
        return jcasc.workspace_jobs(
            folder=folder(around, workspace),
            description=f"{jcasc.mark(around.stack)}applications of the workspace {workspace}",
            pipeline=known["pipeline"],
            revision=known["revision"],
            build=[
                reader,
                login("source", "Reads the applications' source code."),
                login("registry", "Pushes the workspace's images."),
                login("status", "Reports builds at their commits."),
            ],
            update=[
                reader,
                login("gitops", "Commits releases."),
                login("argocd", "Looks at what runs."),
                login("registry", "Has the workspace's images scanned.", "scans"),
                login("status", "Reports releases at their commits."),
            ],
            applications=[
                _application(around, each, url, hook) for each, url, hook in zip(built, known["urls"], known["hooks"], strict=True)
            ],
        )

    known = pulumi.Output.all(secrets=secrets, hooks=hooks, urls=urls, pipeline=pipelines.repository, revision=pipelines.revision)
    return pulumi.Output.secret(known.apply(told))


def _application(around: Surroundings, built: Built, url: str, hook: str) -> dict[str, str]:
    app = built.app
    return jcasc.application(
        name=naming.source_path(app),
        title=str(app),
        repository=url,
        branch=BRANCH,
        workspace=app.workspace,
        user=app.user,
        project=app.project,
        port=built.declared.port,
        domain=around.settings.domain,
        host=built.declared.hosts[0] if built.declared.hosts else "",
        hook=hook,
    )


def everything(around: Surroundings, told: dict[str, pulumi.Output[list[dict[str, Any]]]]) -> pulumi.Output[str]:
    """All of it as one JCasC text (secret), for a Jenkins that is not the platform's."""
    names = [folder(around, workspace) for workspace in told]
    return pulumi.Output.secret(
        pulumi.Output.all(*told.values()).apply(
            lambda known: jcasc.text({"jobs": [*(entry for each in known for entry in each), *jcasc.workspaces(around.stack, names)]})
        )
    )
