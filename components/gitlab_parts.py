"""What several components give a GitLab project, each a child of the component that asks: a leaf that they share."""

from collections.abc import Iterable
from dataclasses import dataclass

import pulumi
import pulumi_gitlab as gitlab


@dataclass(frozen=True, kw_only=True)
class File:
    """A file of a repository. name: of the resource. message: of the commit."""

    name: str
    path: str
    content: pulumi.Input[str]
    message: str


def commit(
    files: Iterable[File], *, project: pulumi.Input[str], branch: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> list[gitlab.RepositoryFile]:
    """Commit files one after the other, since GitLab refuses two commits to one branch at the same moment. Returns them in this order."""
    committed: list[gitlab.RepositoryFile] = []
    for file in files:
        committed.append(
            gitlab.RepositoryFile(
                file.name,
                project=project,
                branch=branch,
                file_path=file.path,
                encoding="text",
                content=file.content,
                commit_message=file.message,
                overwrite_on_create=True,  # a killed run may have committed it already
                opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=committed[-1:])),
            )
        )
    return committed


def hook(
    name: str, *, project: pulumi.Input[str], url: pulumi.Input[str], token: pulumi.Input[str] | None, opts: pulumi.ResourceOptions
) -> gitlab.ProjectHook:
    """A webhook that tells `url` of every push, with the secret `token`."""
    return gitlab.ProjectHook(
        name,
        project=project,
        url=url,
        token=token,
        push_events=True,
        enable_ssl_verification=pulumi.Output.from_input(url).apply(lambda url: url.startswith("https://")),
        opts=opts,
    )
