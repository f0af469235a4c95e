"""What a build tells GitLab: https://plugins.jenkins.io/gitlab-plugin."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlsplit

import httpx

from sandbox.services.jenkins.model import StepError
from sandbox.services.jenkins.running.session import Scene
from sandbox.services.jenkins.running.steps.registry import Arguments, step

STATES: Final = ("pending", "running", "canceled", "success", "failed", "skipped")
SECONDS: Final = 15.0


@dataclass(frozen=True)
class Target:
    """A commit whose status is told: id or path of the project, the commit, and its branch or tag if that is known."""

    project: str
    commit: str
    ref: str


@step("updateGitlabCommitStatus")
def update(scene: Scene, arguments: Arguments) -> None:
    """Set a status."""
    _tell(scene, arguments, str(arguments.get("state") or "pending"))


@step("gitlab.status.open")
def open_status(scene: Scene, arguments: Arguments) -> None:
    """Set the status at the begin of a block."""
    _tell(scene, arguments, str(arguments.get("state") or "running"))


@step("gitlab.status.close")
def close_status(scene: Scene, arguments: Arguments) -> None:
    """Set the status at the end of a block."""
    _tell(scene, arguments, str(arguments.get("state") or "success"))


@step("addGitLabMRComment")
def comment(scene: Scene, arguments: Arguments) -> None:
    """Comment on the merge request that the build is of."""
    variables = scene.environment()
    iid, project = variables.get("gitlabMergeRequestIid"), variables.get("gitlabMergeRequestTargetProjectId")
    if not iid or not project:
        scene.say("Failed to add comment on Merge Request: the build was not started by one")
        return
    path = f"/projects/{quote(str(project), safe='')}/merge_requests/{iid}/notes"
    _send(scene, arguments, path, {"body": str(arguments.get("comment") or "")}, "Failed to add comment on Merge Request")


def _tell(scene: Scene, arguments: Arguments, state: str) -> None:
    """Set a status for each commit that the build is of. A GitLab that refuses does not end a build."""
    word = state.lower()
    if word not in STATES:
        raise StepError(f"state {state!r} of a GitLab status: expected one of {', '.join(STATES)}")
    variables = scene.environment()
    for target in _targets(scene, arguments):
        body = {
            "state": word,
            "name": str(arguments.get("name") or "jenkins"),
            "target_url": str(variables.get("RUN_DISPLAY_URL") or variables.get("BUILD_URL") or ""),
            "description": word,
        } | ({"ref": target.ref} if target.ref else {})
        path = f"/projects/{quote(target.project, safe='')}/statuses/{quote(target.commit, safe='')}"
        _send(scene, arguments, path, body, f"Failed to update GitLab commit status for project '{target.project}'")


def _targets(scene: Scene, arguments: Arguments) -> list[Target]:
    """Return the commits: those of the argument `builds`, else that of the hook, else what was checked out."""
    given = arguments.get("builds") or []
    if given:
        return [Target(str(each["projectId"]), str(each["revisionHash"]), "") for each in given]
    variables = {name: str(value) for name, value in scene.environment().items()}
    commit = variables.get("gitlabMergeRequestLastCommit") or variables.get("gitlabAfter")
    source = variables.get("gitlabMergeRequestSourceProjectId") or _path(variables.get("gitlabSourceRepoHttpUrl", ""), "")
    if commit and source:
        return [Target(source, commit, variables.get("gitlabSourceBranch", "").removeprefix("refs/tags/"))]
    connection = _connection(scene, arguments)
    root = connection[0] if connection else ""
    found = {(_path(url, root), commit): branch for url, commit, branch in scene.session.checkouts}
    return [Target(project, commit, branch.removeprefix("origin/")) for (project, commit), branch in found.items() if project]


def _path(url: str, root: str) -> str:
    """Return the project's path by its clone URL; empty for one that is not below the server."""
    if not url or (root and urlsplit(url).netloc != urlsplit(root).netloc):
        return ""
    return urlsplit(url).path.removeprefix(urlsplit(root).path.rstrip("/")).strip("/").removesuffix(".git")


def _connection(scene: Scene, arguments: Arguments) -> tuple[str, str] | None:
    chosen = arguments.get("connection")
    name = chosen.get("gitLabConnection") if isinstance(chosen, dict) else chosen
    return scene.session.controller.gitlab(str(name or scene.session.record.item.gitlab_connection))


def _send(scene: Scene, arguments: Arguments, path: str, body: dict[str, Any], failure: str) -> None:
    connection = _connection(scene, arguments)
    if connection is None:
        scene.say("No GitLab connection configured")
        return
    url, token = connection
    scene.session.log.masks.add(token)
    try:
        answer = httpx.post(f"{url.rstrip('/')}/api/v4{path}", json=body, headers={"PRIVATE-TOKEN": token}, timeout=SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        scene.say(f"{failure}: {type(error).__name__}: {error}")
        return
    if answer.status_code >= 400:
        scene.say(f"{failure}: HTTP {answer.status_code} {answer.text[:300]}")
