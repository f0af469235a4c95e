"""Bodies of webhook requests: https://docs.gitlab.com/user/project/integrations/webhook_events/."""

import json
from typing import Any

from sandbox.services.gitlab.git import EMPTY_TREE, ZERO, Commit, GitError, Repository
from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.protection import is_protected
from sandbox.services.gitlab.store import Row

VISIBILITY_LEVELS = {"private": 0, "internal": 10, "public": 20}
COMMIT_LIMIT = 20  # GitLab names the newest twenty; total_commits_count has the true number
LISTS = {"A": "added", "D": "removed"}


def urls(gitlab: Instance, project: Row) -> dict[str, str]:
    """Return the addresses of `project`: `web`, `http` and `ssh` (which is only shown: this service has no SSH)."""
    web, host = f"{gitlab.url}/{project['full_path']}", gitlab.url.split("//", 1)[-1].split(":", 1)[0]
    return {"web": web, "http": f"{web}.git", "ssh": f"git@{host}:{project['full_path']}.git"}


def push_payload(gitlab: Instance, project: Row, user: Row, before: str, after: str, ref: str) -> dict[str, Any]:
    """Return the body for a branch or tag `ref` that `user` moved from `before` to `after`."""
    kind = "tag_push" if ref.startswith("refs/tags/") else "push"
    commits, total = _commits(gitlab, project, before, after) if kind == "push" else ([], 0)
    person = {"user_id": user["id"], "user_name": user["name"], "user_avatar": None}
    if kind == "push":
        person |= {"user_username": user["username"], "user_email": user["email"]}
    return {
        "object_kind": kind,
        "event_name": kind,
        "before": before,
        "after": after,
        "ref": ref,
        "ref_protected": kind == "push" and is_protected(gitlab, project, ref.removeprefix("refs/heads/")),
        "checkout_sha": None if after == ZERO else gitlab.repository(project).commit_id(after),
        **person,
        "project_id": project["id"],
        "project": project_part(gitlab, project),
        "repository": _repository_part(gitlab, project),
        "commits": commits,
        "total_commits_count": total,
    }


def project_part(gitlab: Instance, project: Row) -> dict[str, Any]:
    """Return the `project` object that every webhook body has."""
    address = urls(gitlab, project)
    return {
        "id": project["id"],
        "name": project["name"],
        "description": _description(project),
        "web_url": address["web"],
        "avatar_url": None,
        "git_ssh_url": address["ssh"],
        "git_http_url": address["http"],
        "namespace": gitlab.db.get("namespaces", project["namespace_id"])["name"],
        "visibility_level": VISIBILITY_LEVELS[project["visibility"]],
        "path_with_namespace": project["full_path"],
        "default_branch": project["default_branch"],
        "ci_config_path": None,
        "homepage": address["web"],
        "url": address["ssh"],
        "ssh_url": address["ssh"],
        "http_url": address["http"],
    }


def _repository_part(gitlab: Instance, project: Row) -> dict[str, Any]:
    address = urls(gitlab, project)
    return {
        "name": project["name"],
        "url": address["ssh"],
        "description": _description(project),
        "homepage": address["web"],
        "git_http_url": address["http"],
        "git_ssh_url": address["ssh"],
        "visibility_level": VISIBILITY_LEVELS[project["visibility"]],
    }


def _description(project: Row) -> str | None:
    return json.loads(project["attributes"]).get("description")  # type: ignore[no-any-return]


def _commits(gitlab: Instance, project: Row, before: str, after: str) -> tuple[list[dict[str, Any]], int]:
    """Return the newest commits, oldest first, and how many there are in all."""
    repository = gitlab.repository(project)
    if after == ZERO:
        return [], 0
    wanted = [after, f"^{before}"] if before != ZERO else _new_branch_range(repository, project, after)
    try:
        commits = repository.log(f"-{COMMIT_LIMIT}", *wanted, "--")
        total = int(repository.text("rev-list", "--count", *wanted, "--"))
    except GitError:  # a later push has removed the commits already
        return [], 0
    web = urls(gitlab, project)["web"]
    return [_commit_part(repository, web, commit) for commit in reversed(commits)], total


def _new_branch_range(repository: Repository, project: Row, after: str) -> list[str]:
    default = repository.branch_tip(project["default_branch"])
    return [after, f"^{default}"] if default and default != after else [after]


def _commit_part(repository: Repository, web: str, commit: Commit) -> dict[str, Any]:
    parent = commit.parents[0] if commit.parents else EMPTY_TREE
    files: dict[str, list[str]] = {"added": [], "modified": [], "removed": []}
    for status, path in repository.changes(parent, commit.id):
        files[LISTS.get(status, "modified")].append(path)
    return {
        "id": commit.id,
        "message": commit.message,
        "title": commit.title,
        "timestamp": commit.authored,
        "url": f"{web}/-/commit/{commit.id}",
        "author": {"name": commit.author_name, "email": commit.author_email},
        **files,
    }
