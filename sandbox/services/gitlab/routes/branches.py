"""Branches and tags: https://docs.gitlab.com/api/branches/, https://docs.gitlab.com/api/tags/."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.responses import Response

from sandbox.services.gitlab import repo_entities
from sandbox.services.gitlab.access import MAINTAINER, project_level, require_code, require_push
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import ApiError, bad_request, forbidden, not_found
from sandbox.services.gitlab.git import ZERO, GitError
from sandbox.services.gitlab.protection import is_protected, is_protected_tag, may_create_tag
from sandbox.services.gitlab.pushes import recording
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.store import Row

BRANCHES = "/projects/{id}/repository/branches"
TAGS = "/projects/{id}/repository/tags"


@route("GET", BRANCHES, paged=True, public=True)
def list_branches(call: Call) -> Any:
    """Branches, by name; `search` may begin with ^ or end with $."""
    project = require_code(call.gitlab, call.someone, call.path["id"])
    search = call.params.get("search", "")
    found = call.gitlab.repository(project).refs("refs/heads/").items()
    shown = [_shown(call, project, name, tip) for name, tip in found if search.strip("^$") in name and _anchored(search, name)]
    sort = call.choice("sort", ("name_asc", "updated_asc", "updated_desc"), "name_asc")
    return shown if sort == "name_asc" else sorted(shown, key=_updated, reverse=sort == "updated_desc")


@route("POST", BRANCHES, status=201)
def create_branch(call: Call) -> Any:
    """A new branch at `ref`."""
    project = require_push(call.gitlab, call.caller, call.path["id"])
    name, ref = call.require("branch", "ref")
    repository = call.gitlab.repository(project)
    tip = repository.commit_id(ref)
    if repository.branch_tip(name):
        raise bad_request("Branch already exists")
    if tip is None:
        raise bad_request(f"Failed to create branch '{name}': invalid reference name '{ref}'")
    _check_name(call, project, f"refs/heads/{name}", "Branch name is invalid")
    _move(call, project, f"refs/heads/{name}", tip, ZERO, "Branch already exists")
    return _shown(call, project, name, tip)


@route("GET", f"{BRANCHES}/{{branch}}", public=True)
def get_branch(call: Call) -> Any:
    """One branch."""
    project = require_code(call.gitlab, call.someone, call.path["id"])
    return _shown(call, project, call.path["branch"], _tip(call, project))


@route("HEAD", f"{BRANCHES}/{{branch}}", public=True)
def has_branch(call: Call) -> Response:
    """Whether the branch exists."""
    _tip(call, require_code(call.gitlab, call.someone, call.path["id"]))
    return Response(status_code=204)


@route("DELETE", f"{BRANCHES}/{{branch}}", status=204)
def delete_branch(call: Call) -> None:
    """Delete a branch that is neither the default one nor protected."""
    project = require_push(call.gitlab, call.caller, call.path["id"])
    name, tip = call.path["branch"], _tip(call, project)
    if name == project["default_branch"]:
        raise ApiError(405, {"message": "Cannot remove HEAD branch"})
    if is_protected(call.gitlab, project, name):
        raise ApiError(405, {"message": "Protected branch cannot be removed"})
    _move(call, project, f"refs/heads/{name}", ZERO, tip, f"Could not delete branch '{name}': it has moved. Please try again.")


@route("GET", TAGS, paged=True, public=True)
def list_tags(call: Call) -> Any:
    """Tags, the latest first; `search` may begin with ^ or end with $."""
    project = require_code(call.gitlab, call.someone, call.path["id"])
    search, names = call.params.get("search", ""), call.gitlab.repository(project).refs("refs/tags/")
    shown = [_tag(call, project, name) for name in names if search.strip("^$") in name and _anchored(search, name)]
    by, sort = call.choice("order_by", ("updated", "name", "version"), "updated"), call.choice("sort", ("asc", "desc"), "desc")
    return sorted(shown, key=TAG_ORDERS[by], reverse=sort == "desc")


@route("GET", f"{TAGS}/{{tag_name}}", public=True)
def get_tag(call: Call) -> Any:
    """One tag."""
    project = require_code(call.gitlab, call.someone, call.path["id"])
    if call.path["tag_name"] not in call.gitlab.repository(project).refs("refs/tags/"):
        raise not_found("Tag")
    return _tag(call, project, call.path["tag_name"])


@route("POST", TAGS, status=201)
def create_tag(call: Call) -> Any:
    """A new lightweight tag at `ref`."""
    project = require_push(call.gitlab, call.caller, call.path["id"])
    name, ref = call.require("tag_name", "ref")
    tip = call.gitlab.repository(project).commit_id(ref)
    if tip is None:
        raise bad_request(f"Target {ref} is invalid")
    if not may_create_tag(call.gitlab, call.caller, project, name):
        raise bad_request("You are not allowed to create this tag as it is protected.")
    _check_name(call, project, f"refs/tags/{name}", "Tag name invalid")
    _move(call, project, f"refs/tags/{name}", tip, ZERO, f"Tag {name} already exists")
    return _tag(call, project, name)


@route("DELETE", f"{TAGS}/{{tag_name}}", status=204)
def delete_tag(call: Call) -> None:
    """Delete a tag."""
    project = require_push(call.gitlab, call.caller, call.path["id"])
    name = call.path["tag_name"]
    target = call.gitlab.repository(project).refs("refs/tags/").get(name)
    if target is None:
        raise not_found("Tag")
    if is_protected_tag(call.gitlab, project, name) and project_level(call.gitlab, call.caller, project) < MAINTAINER:
        raise forbidden()
    _move(call, project, f"refs/tags/{name}", ZERO, target, f"Could not delete tag '{name}': it has moved. Please try again.")


def _updated(shown: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(shown["commit"]["committed_date"])


def _name(shown: dict[str, Any]) -> str:
    return str(shown["name"])


def _version(shown: dict[str, Any]) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", shown["name"])]


TAG_ORDERS: dict[str, Callable[[dict[str, Any]], Any]] = {"updated": _updated, "name": _name, "version": _version}


def _anchored(search: str, name: str) -> bool:
    word = search.strip("^$")
    return (not search.startswith("^") or name.startswith(word)) and (not search.endswith("$") or name.endswith(word))


def _tip(call: Call, project: Row) -> str:
    tip = call.gitlab.repository(project).branch_tip(call.path["branch"])
    if tip is None:
        raise not_found("Branch")
    return tip


def _check_name(call: Call, project: Row, ref: str, message: str) -> None:
    try:
        call.gitlab.repository(project).run("check-ref-format", ref)
    except GitError:
        raise bad_request(message) from None
    if ref.startswith("refs/heads/-"):
        raise bad_request(message)


def _move(call: Call, project: Row, ref: str, new: str, old: str, clash: str) -> None:
    with recording(call.gitlab, project, call.caller.id) as env:
        try:
            call.gitlab.repository(project).update_ref(ref, new, old, env)
        except GitError:
            raise bad_request(clash) from None


def _shown(call: Call, project: Row, name: str, tip: str) -> dict[str, Any]:
    return repo_entities.branch(call.gitlab, project, call.someone, name, tip)


def _tag(call: Call, project: Row, name: str) -> dict[str, Any]:
    repository = call.gitlab.repository(project)
    target = repository.refs("refs/tags/")[name]
    tagged = repository.commit(repository.commit_id(f"refs/tags/{name}") or target)
    shown = {
        "commit": repo_entities.commit(call.gitlab, project, tagged),
        "release": None,
        "protected": is_protected_tag(call.gitlab, project, name),
        "created_at": None,
    }
    return {"name": name, "message": None, "target": target, **shown}
