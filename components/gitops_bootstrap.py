"""The hand-over to Argo CD: the bootstrap files in Git, the credential to read them, and ONE root Application.

Destroy runs backwards along the dependencies, and this is why it neither hangs nor leaves anything:
1. The root Application goes first. Its finalizer makes Argo CD delete the ApplicationSet in the foreground, which waits
   for the generated Applications; each of them has the same finalizer and deletes its workload.
2. Then the AppProjects and the credential, which Argo CD needed for that; then Argo CD itself, with its CRDs.
3. The tenants' namespaces go once the AppProject that names them is gone, so no workload loses its namespace first.
https://argo-cd.readthedocs.io/en/stable/user-guide/app_deletion/#about-the-deletion-finalizer
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pulumi
import pulumi_gitlab as gitlab
import pulumi_kubernetes as kubernetes

import naming
from components.gitlab_parts import File, commit
from gitops import bootstrap_files, tenants

IN_CLUSTER = "https://kubernetes.default.svc"
API_VERSION = "argoproj.io/v1alpha1"


@dataclass(frozen=True, kw_only=True)
class GitopsBootstrapArgs:
    """namespace: of Argo CD. namespaces: workspace to where its applications may run. tenants: user to workspace, for releases to know.
    project_id, branch, repository: the GitOps project in GitLab and its HTTP clone URL."""

    namespace: pulumi.Input[str]
    namespaces: Mapping[str, Sequence[pulumi.Input[str]]]
    tenants: Mapping[str, str]
    project_id: pulumi.Input[str]
    branch: pulumi.Input[str]
    repository: pulumi.Input[str]


class GitopsBootstrap(pulumi.ComponentResource):
    """No outputs: from here on Argo CD follows Git."""

    def __init__(self, name: str, args: GitopsBootstrapArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("slipway:components:GitopsBootstrap", name, {}, opts)
        platform = self._project("platform", args, [args.namespace], kinds=["ApplicationSet"])
        workspaces = [self._project(naming.argocd_project(each), args, namespaces) for each, namespaces in args.namespaces.items()]
        self._root_application(args, depends_on=[platform, *workspaces, self._credential(args), *self._files(args)])
        self.register_outputs({})

    def _files(self, args: GitopsBootstrapArgs) -> list[gitlab.RepositoryFile]:
        repository = pulumi.Output.from_input(args.repository)
        contents: dict[str, pulumi.Input[str]] = {
            f"{bootstrap_files.FOLDER}/{file}": repository.apply(partial(bootstrap_files.render, file)) for file in bootstrap_files.NAMES
        }
        contents |= {tenants.path(user): tenants.render(workspace=workspace, user=user) for user, workspace in args.tenants.items()}
        names = {path: path.removeprefix(f"{bootstrap_files.FOLDER}/") for path in contents}
        return commit(
            [File(name=names[path], path=path, content=text, message=f"Bootstrap: {names[path]}") for path, text in contents.items()],
            project=args.project_id,
            branch=args.branch,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _credential(self, args: GitopsBootstrapArgs) -> kubernetes.core.v1.Secret:
        """What Argo CD clones the repository with: a token that can only read."""
        token = gitlab.ProjectDeployToken(
            "gitops-reader",
            project=args.project_id,
            name="argocd",
            scopes=["read_repository"],
            opts=pulumi.ResourceOptions(parent=self),
        )
        return kubernetes.core.v1.Secret(
            "repository",
            metadata={
                "name": "gitops-repository",
                "namespace": args.namespace,
                "labels": {"argocd.argoproj.io/secret-type": "repository"},
            },
            string_data={
                "type": "git",
                "url": args.repository,
                "username": token.username,
                "password": token.token,
            },
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _project(
        self,
        name: str,
        args: GitopsBootstrapArgs,
        namespaces: Sequence[pulumi.Input[str]],
        kinds: Sequence[str] | None = None,
    ) -> kubernetes.apiextensions.CustomResource:
        """An AppProject: this repository, these namespaces, nothing cluster-wide, and only the `kinds` given."""
        spec: dict[str, Any] = {
            "sourceRepos": [args.repository],
            "destinations": [{"server": IN_CLUSTER, "namespace": namespace} for namespace in namespaces],
            "clusterResourceWhitelist": [],
        }
        if kinds is not None:
            spec["namespaceResourceWhitelist"] = [{"group": "argoproj.io", "kind": kind} for kind in kinds]
        return kubernetes.apiextensions.CustomResource(
            name,
            api_version=API_VERSION,
            kind="AppProject",
            metadata={"name": name, "namespace": args.namespace},
            spec=spec,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _root_application(self, args: GitopsBootstrapArgs, depends_on: Sequence[pulumi.Resource]) -> None:
        manifest = pulumi.Output.from_input(args.repository).apply(bootstrap_files.root_application)
        static = bootstrap_files.root_application(repository="")
        kubernetes.apiextensions.CustomResource(
            "root",
            api_version=static["apiVersion"],
            kind=static["kind"],
            metadata={**static["metadata"], "namespace": args.namespace},
            spec=manifest["spec"],
            opts=pulumi.ResourceOptions(parent=self, depends_on=depends_on),
        )
