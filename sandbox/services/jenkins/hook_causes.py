"""What a build knows of the hook that started it: the plugin's CauseData as variables, and the sentence that tells the cause."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.services.jenkins.errors import HttpError
from sandbox.services.jenkins.hook_payload import Payload, namespace_of

MOST = 1000
"""Characters of a merge request's description that a build gets."""


@dataclass(frozen=True)
class HookCause:
    """text: the cause's sentence. variables: of the build, empty ones left out as Jenkins does. revision: what would be built."""

    text: str
    variables: Mapping[str, str]
    revision: str


def branch_of(hook: Payload) -> str | None:
    """Return the branch of a push; a tag keeps its refs/tags/."""
    ref = hook.text("ref")
    return None if ref is None else ref.removeprefix("refs/heads/")


def of_push(hook: Payload) -> HookCause:
    """Return the cause for a push or a tag push; raises HttpError 400 for a hook that lacks something."""
    repository, branch, after = hook.at("repository"), branch_of(hook), hook.needed("after")
    user, ssh = hook.needed("user_name"), repository.needed("git_ssh_url")
    if branch is None or hook.number("project_id") is None:
        raise HttpError(400, "the hook lacks ref or project_id, expected them as GitLab sends them")
    variables = {
        "gitlabActionType": "TAG_PUSH" if hook.needed("object_kind") == "tag_push" else "PUSH",
        **{"gitlabBranch": branch, "gitlabSourceBranch": branch, "gitlabTargetBranch": branch},
        **{"gitlabUserName": user, "gitlabUserUsername": hook.text("user_username"), "gitlabUserEmail": hook.text("user_email")},
        **{"gitlabBefore": hook.text("before"), "gitlabAfter": after, "gitlabMergeRequestLastCommit": after},
        "gitlabSourceRepoHomepage": repository.text("homepage"),
        "gitlabSourceRepoName": repository.needed("name"),
        "gitlabSourceNamespace": namespace_of(hook),
        "gitlabSourceRepoURL": repository.text("url") or ssh,
        "gitlabSourceRepoSshUrl": ssh,
        "gitlabSourceRepoHttpUrl": repository.needed("git_http_url"),
    }
    pushed_by = user or hook.text("user_username") or _author(hook)
    text = "Started by GitLab push" if pushed_by is None else f"Started by GitLab push by {pushed_by}"
    # The job has one remote, its pipeline's: then the plugin names the branch, not the commit.
    return HookCause(text, _filled(variables), f"remotes/origin/{branch}")


def _author(hook: Payload) -> str | None:
    commits = hook.each("commits")
    return commits[-1].at("author").text("name") if commits else None


def of_merge_request(hook: Payload) -> HookCause:
    """Return the cause for a merge request; raises HttpError 400 for a hook that lacks something."""
    request = hook.at("object_attributes")
    source, target, commit = request.at("source"), request.at("target"), request.at("last_commit")
    branch, into, namespace = request.needed("source_branch"), request.needed("target_branch"), source.needed("namespace")
    http, ssh, last = source.needed("http_url"), source.needed("ssh_url"), commit.needed("id")
    if request.number("source_project_id") is None or request.number("target_project_id") is None:
        raise HttpError(400, "the hook lacks source_project_id or target_project_id, expected them as GitLab sends them")
    variables = {
        "gitlabActionType": "MERGE",
        **{"gitlabBranch": branch, "gitlabSourceBranch": branch, "gitlabTargetBranch": into},
        **{"gitlabUserName": commit.at("author").needed("name"), "gitlabUserEmail": commit.at("author").text("email")},
        "gitlabSourceRepoHomepage": source.text("homepage") or http.removesuffix(".git"),
        **{"gitlabSourceRepoName": source.needed("name"), "gitlabSourceNamespace": namespace},
        **{"gitlabSourceRepoURL": source.text("url") or http, "gitlabSourceRepoSshUrl": ssh, "gitlabSourceRepoHttpUrl": http},
        **{"gitlabTargetRepoName": target.needed("name"), "gitlabTargetNamespace": target.needed("namespace")},
        **{"gitlabTargetRepoSshUrl": target.needed("ssh_url"), "gitlabTargetRepoHttpUrl": target.needed("http_url")},
        "gitlabMergeCommitSha": request.text("merge_commit_sha"),
        "gitlabMergeRequestTitle": request.needed("title"),
        "gitlabMergeRequestDescription": (request.text("description") or "")[:MOST],
        **{"gitlabMergeRequestId": request.text("id"), "gitlabMergeRequestIid": request.text("iid")},
        "gitlabMergeRequestTargetProjectId": request.text("target_project_id"),
        "gitlabMergeRequestLabels": ",".join(each.text("title") or "" for each in hook.each("labels")),
        **{"gitlabMergeRequestLastCommit": last, "gitlabMergeRequestState": request.needed("state")},
        **{"gitlabMergedByUser": hook.at("user").text("username"), "gitlabMergeRequestAssignee": hook.at("assignee").text("username")},
    }
    fork = "" if namespace == into else f"{namespace}/"  # the plugin compares these two
    text = f"Triggered by GitLab Merge Request #{request.text('iid')}: {fork}{branch} => {into}"
    return HookCause(text, _filled(variables), request.text("merge_commit_sha") or last)


def _filled(variables: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if value}
