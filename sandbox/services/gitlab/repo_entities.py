"""Commits and branches in the form in which the API shows them."""

from typing import Any

from sandbox.services.gitlab import statuses
from sandbox.services.gitlab.access import project_level
from sandbox.services.gitlab.auth import Caller
from sandbox.services.gitlab.git import EMPTY_TREE, Commit, Repository
from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.payloads import urls
from sandbox.services.gitlab.protection import may_push, rules_for
from sandbox.services.gitlab.store import Row


def commit(gitlab: Instance, project: Row, found: Commit) -> dict[str, Any]:
    """Return the form of a commit."""
    return {
        "id": found.id, "short_id": found.id[:8], "created_at": found.committed, "parent_ids": found.parents, "title": found.title,
        "message": found.message, "author_name": found.author_name, "author_email": found.author_email, "authored_date": found.authored,
        "committer_name": found.committer_name, "committer_email": found.committer_email, "committed_date": found.committed,
        "trailers": {}, "extended_trailers": {}, "web_url": f"{urls(gitlab, project)['web']}/-/commit/{found.id}",
    }  # fmt: skip


def commit_detail(gitlab: Instance, project: Row, found: Commit) -> dict[str, Any]:
    """Return the form of one commit, with the number of changed lines."""
    numbers = gitlab.repository(project).text("diff-tree", "-r", "--numstat", base(found), found.id).splitlines()
    pairs = [line.split("\t")[:2] for line in numbers]
    added, removed = (sum(int(pair[side]) for pair in pairs if pair[side].isdigit()) for side in (0, 1))
    stats = {"additions": added, "deletions": removed, "total": added + removed}
    pipeline = statuses.last_pipeline(gitlab, project, found.id)
    state = pipeline and pipeline["status"]
    return commit(gitlab, project, found) | {"stats": stats, "status": state, "project_id": project["id"], "last_pipeline": pipeline}


def base(found: Commit) -> str:
    """Return what the commit's changes are counted from: its first parent, or nothing at all."""
    return found.parents[0] if found.parents else EMPTY_TREE


def diffs(repository: Repository, old: str, new: str) -> list[dict[str, Any]]:
    """Return GitLab's form of the difference between two commits, one entry a file. Renames show as a deletion and a creation."""
    raw = repository.run("diff-tree", "-r", "-z", "--no-renames", "--raw", old, new).decode().split("\0")
    found = []
    for head, path in zip(raw[0::2], raw[1::2], strict=False):
        a_mode, b_mode, _, _, status = head.lstrip(":").split(" ")
        text = repository.run("--literal-pathspecs", "diff-tree", "-p", "--no-renames", old, new, "--", path).decode(errors="replace")
        start = text.find("@@")
        found.append({
            "old_path": path, "new_path": path, "a_mode": a_mode, "b_mode": b_mode, "new_file": status == "A", "renamed_file": False,
            "deleted_file": status == "D", "collapsed": False, "too_large": False, "generated_file": False,
            "diff": text[start:] if start >= 0 else "",
        })  # fmt: skip
    return found


def branch(gitlab: Instance, project: Row, caller: Caller | None, name: str, tip: str) -> dict[str, Any]:
    """Return the form of the branch `name` whose last commit is `tip`."""
    repository = gitlab.repository(project)
    rules = rules_for(gitlab, caller, project, name)
    default = repository.branch_tip(project["default_branch"])
    return {
        "name": name,
        "commit": commit(gitlab, project, repository.commit(tip)),
        "merged": name != project["default_branch"] and default is not None and repository.is_ancestor(tip, default),
        "protected": bool(rules),
        "developers_can_push": any(rule.developers_push for rule in rules),
        "developers_can_merge": any(rule.developers_merge for rule in rules),
        "can_push": project_level(gitlab, caller, project) > 0 and may_push(gitlab, caller, project, name),
        "default": name == project["default_branch"],
        "web_url": f"{urls(gitlab, project)['web']}/-/tree/{name}",
    }
