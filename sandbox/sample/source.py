"""Applications' repositories: their content as a whole, and what the pipeline says of a commit."""

import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

from gitlab.v4.objects import Project, ProjectCommit

from gitops.release.statuses import KINDS
from naming import App, source_path
from sandbox.errors import SandboxError
from sandbox.outside import GITLAB_GROUP, Outside
from sandbox.sample.release import gitlab_client
from sandbox.stack import Stack

STATUSES = tuple(name for names in KINDS.values() for name in names)
"""Names of the commit statuses that the pipeline sets, in their order."""
GOOD, BAD = ("success",), ("failed", "canceled")
PAUSE = 0.5


def repository(stack: Stack, world: Outside, app: App) -> Project:
    """An application's repository."""
    return gitlab_client(stack, world).projects.get(f"{GITLAB_GROUP}/{stack.name}/{app.workspace}/{source_path(app)}")


def files(folder: Path) -> dict[str, str]:
    """Path to text of the files below a folder."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in found}


def replace(project: Project, content: dict[str, str], message: str, *, but: Collection[str] = ()) -> ProjectCommit:
    """Make these files the whole content of a repository's main branch, by one commit; files of the names `but` stay as they are."""
    there = {entry["path"] for entry in project.repository_tree(recursive=True, get_all=True) if entry["type"] == "blob"}
    actions: list[dict[str, Any]] = [
        {"action": "update" if name in there else "create", "file_path": name, "content": text}
        for name, text in content.items()
        if name not in but
    ]
    actions += [{"action": "delete", "file_path": name} for name in sorted(there - content.keys() - set(but))]
    return project.commits.create({"branch": "main", "commit_message": message, "actions": actions})


def statuses(commit: ProjectCommit) -> dict[str, Any]:
    """The statuses of a commit by their names: the newest of each."""
    return {status.name: status for status in commit.statuses.list(get_all=True)}


def until_passed(commit: ProjectCommit, name: str, deadline: float, old: frozenset[int] = frozenset()) -> None:
    """Wait until a status says that all went well; `deadline` is in the monotonic clock's seconds, `old` has ids that count no more.

    Raises SandboxError with the reason and the link of the first status that says otherwise.
    """
    while time.monotonic() < deadline:
        found = statuses(commit)
        for status in found.values():
            if status.status in BAD and status.id not in old:
                raise SandboxError(
                    f"{status.name} of {commit.short_id}: {status.status}, {status.description}\nNext: see {status.target_url}"
                )
        if name in found and found[name].status in GOOD:
            return
        time.sleep(PAUSE)
    raise SandboxError(f"{name} of {commit.short_id} did not pass in time. Next: see the application's jobs in Jenkins.")
