"""Protected branches and tags: https://docs.gitlab.com/user/project/repository/branches/protected/."""

import re
from dataclasses import dataclass

from sandbox.services.gitlab.access import DEVELOPER, MAINTAINER, project_level
from sandbox.services.gitlab.auth import Caller
from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.ref_access import entries, granted
from sandbox.services.gitlab.store import Row


@dataclass(frozen=True)
class Rule:
    """One protection as it concerns one caller."""

    pattern: str
    may_push: bool
    may_merge: bool
    may_force: bool
    developers_push: bool
    developers_merge: bool


def matches(pattern: str, branch: str) -> bool:
    """Tell whether `branch` fits `pattern`, where `*` stands for any text, slashes included."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), branch) is not None


def rules(gitlab: Instance, caller: Caller | None, project: Row) -> list[Rule]:
    """Return the protections of `project` from the view of `caller`."""
    level = project_level(gitlab, caller, project)
    found = [
        _rule(gitlab, caller, level, row) for row in gitlab.db.all("SELECT * FROM protected_branches WHERE project_id = ?", project["id"])
    ]
    if not found and not gitlab.repository(project).refs("refs/heads/"):
        # The first push makes the default branch, and is held to the protection that this branch is about to get.
        return [Rule(project["default_branch"], level >= MAINTAINER, level >= MAINTAINER, False, False, False)]
    return found


def rules_for(gitlab: Instance, caller: Caller | None, project: Row, branch: str) -> list[Rule]:
    """Return the protections that `branch` falls under; several are as permissive as the most permissive one."""
    return [rule for rule in rules(gitlab, caller, project) if matches(rule.pattern, branch)]


def may_push(gitlab: Instance, caller: Caller | None, project: Row, branch: str) -> bool:
    """Tell whether `caller` may add commits to `branch`."""
    found = rules_for(gitlab, caller, project, branch)
    return project_level(gitlab, caller, project) >= DEVELOPER and (not found or any(rule.may_push for rule in found))


def may_force(gitlab: Instance, caller: Caller | None, project: Row, branch: str) -> bool:
    """Tell whether `branch` may be moved to what does not contain its tip, by whom may push to it."""
    found = rules_for(gitlab, caller, project, branch)
    return not found or any(rule.may_force for rule in found)


def may_merge(gitlab: Instance, caller: Caller | None, project: Row, branch: str) -> bool:
    """Tell whether `caller` may merge into `branch`; who may push to it may merge, too."""
    found = rules_for(gitlab, caller, project, branch)
    allowed = not found or any(rule.may_merge or rule.may_push for rule in found)
    return allowed and project_level(gitlab, caller, project) >= DEVELOPER


def tag_rules(gitlab: Instance, caller: Caller | None, project: Row) -> list[tuple[str, bool]]:
    """Return the pattern of every protected tag, and whether `caller` may create what fits it."""
    level = project_level(gitlab, caller, project)
    rows = gitlab.db.all("SELECT * FROM protected_tags WHERE project_id = ?", project["id"])
    return [(row["name"], _any(gitlab, caller, level, entries(gitlab, "tag_id", row["id"], "create"))) for row in rows]


def may_create_tag(gitlab: Instance, caller: Caller | None, project: Row, tag: str) -> bool:
    """Tell whether `caller` may create `tag`, as far as protections go."""
    found = [may for pattern, may in tag_rules(gitlab, caller, project) if matches(pattern, tag)]
    return not found or any(found)


def is_protected_tag(gitlab: Instance, project: Row, tag: str) -> bool:
    """Tell whether `tag` is protected."""
    return any(matches(pattern, tag) for pattern, _ in tag_rules(gitlab, None, project))


def is_protected(gitlab: Instance, project: Row, branch: str) -> bool:
    """Tell whether `branch` is protected."""
    return bool(rules_for(gitlab, None, project, branch))


def protect_default_branch(gitlab: Instance, project: Row) -> None:
    """Protect the default branch as GitLab does when it comes into being: only Maintainers push and merge."""
    gitlab.db.execute(
        "INSERT OR IGNORE INTO protected_branches"
        " (project_id, name, push_level, merge_level, allow_force_push, code_owner_approval_required) VALUES (?, ?, ?, ?, 0, 0)",
        project["id"], project["default_branch"], MAINTAINER, MAINTAINER,
    )  # fmt: skip


def hook_environment(gitlab: Instance, caller: Caller, project: Row) -> dict[str, str]:
    """Return the variables that tell the pre-receive hook what `caller` may do."""
    lines = [f"{_word(rule.may_push)} {_word(rule.may_force)} {rule.pattern}" for rule in rules(gitlab, caller, project)]
    tags = [f"{_word(may)} {pattern}" for pattern, may in tag_rules(gitlab, caller, project)]
    return {"GITLAB_PROTECTED": "\n".join(lines), "GITLAB_PROTECTED_TAGS": "\n".join(tags)}


def _rule(gitlab: Instance, caller: Caller | None, level: int, row: Row) -> Rule:
    push, merge = (entries(gitlab, "branch_id", row["id"], verb) for verb in ("push", "merge"))
    return Rule(
        row["name"],
        may_push=_any(gitlab, caller, level, push),
        may_merge=_any(gitlab, caller, level, merge),
        may_force=bool(row["allow_force_push"]),
        developers_push=_any(gitlab, None, DEVELOPER, push),
        developers_merge=_any(gitlab, None, DEVELOPER, merge),
    )


def _any(gitlab: Instance, caller: Caller | None, level: int, found: list[Row]) -> bool:
    return any(granted(gitlab, caller, level, entry) for entry in found)


def _word(flag: bool) -> str:
    return "yes" if flag else "no"
