"""Projects: https://docs.gitlab.com/api/projects/."""

import json
import re
from typing import Any
from uuid import uuid4

from sandbox.services.gitlab import entities
from sandbox.services.gitlab.access import DEVELOPER, MAINTAINER, NONE, OWNER, group_level, project_level, require_project, visible
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.changes import Action, commit_actions
from sandbox.services.gitlab.errors import ApiError, bad_request, forbidden
from sandbox.services.gitlab.git import GitError, Repository
from sandbox.services.gitlab.paging import ordered
from sandbox.services.gitlab.paths import above, relocate, remember, taken
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.routes.groups import PATH, PATH_RULE, PROJECT_ORDERS, chosen_visibility
from sandbox.services.gitlab.store import Row, encode, now


@route("GET", "/projects", paged=True, public=True, keyset=("id",))
def list_projects(call: Call) -> Any:
    """Projects that the caller may see; `membership` and `owned` narrow it to the caller's."""
    rows = call.gitlab.db.all("SELECT * FROM projects ORDER BY id DESC")
    search, names = call.params.get("search", "").lower(), call.boolean("search_namespaces")
    fits = [row for row in rows if search in (row["full_path"] if names else f"{row['name']} {row['path']}").lower()]
    least = OWNER if call.boolean("owned") else 1 if call.boolean("membership") else NONE
    shown = [entities.project(call.gitlab, row) for row in fits if _listed(call, row, least)]
    return ordered(call, shown, PROJECT_ORDERS, "created_at", "desc")


@route("POST", "/projects", status=201)
def create_project(call: Call) -> Any:
    """A new project, with a first commit if `initialize_with_readme`."""
    if not (call.params.get("name") or call.params.get("path")):
        raise ApiError(400, {"error": "name, path are missing, at least one parameter must be provided"})
    namespace = _target_namespace(call)
    name = call.params.get("name") or call.params["path"]
    path = call.params.get("path") or re.sub(r"[^a-z0-9_.-]+", "-", name.lower()).strip("-")
    if not PATH.fullmatch(path):
        raise bad_request({"path": [PATH_RULE]})
    visibility = chosen_visibility(call, "private", namespace)
    branch = call.params.get("default_branch") or "main"
    storage = f"{uuid4().hex}.git"
    _refuse_taken(call, f"{namespace['full_path']}/{path}")
    try:
        Repository(call.gitlab.repositories / storage).init(branch)
    except GitError:
        raise bad_request({"default_branch": [f"'{branch}' is not a valid branch name"]}) from None
    with call.gitlab.db.transaction():
        _refuse_taken(call, f"{namespace['full_path']}/{path}")
        project_id = call.gitlab.db.insert(
            "projects", namespace_id=namespace["id"], creator_id=call.caller.id, name=name, path=path,
            full_path=f"{namespace['full_path']}/{path}", visibility=visibility, default_branch=branch, storage=storage,
            attributes=encode(call.settings(entities.PROJECT_SETTINGS)), created_at=now(), last_activity_at=now(),
        )  # fmt: skip
        if group_level(call.gitlab, call.caller, namespace["id"]) < MAINTAINER:  # the creator must be able to manage it
            member = {"user_id": call.caller.id, "access_level": MAINTAINER, "created_at": now()}
            call.gitlab.db.insert("members", source_type="Project", source_id=project_id, **member)
    project = call.gitlab.db.get("projects", project_id)
    if call.boolean("initialize_with_readme"):
        readme = Action("create", "README.md", content=f"# {name}\n".encode())
        commit_actions(call.gitlab, call.caller, project, branch, "Initial commit", [readme])
    return entities.project_with_access(call.gitlab, call.gitlab.db.get("projects", project_id), call.caller)


@route("GET", "/projects/{id}", public=True)
def get_project(call: Call) -> Any:
    """One project."""
    project = require_project(call.gitlab, call.someone, call.path["id"])
    return entities.project_with_access(call.gitlab, project, call.someone)


@route("PUT", "/projects/{id}")
def update_project(call: Call) -> Any:
    """Change a project. After a change of its path, the former one leads to it."""
    project = require_project(call.gitlab, call.caller, call.path["id"], MAINTAINER)
    path, name = call.params.get("path") or project["path"], call.params.get("name") or project["name"]
    if not PATH.fullmatch(path):
        raise bad_request({"path": [PATH_RULE]})
    visibility = chosen_visibility(call, project["visibility"], call.gitlab.db.get("namespaces", project["namespace_id"]))
    branch = call.params.get("default_branch") or project["default_branch"]
    repository = call.gitlab.repository(project)
    if branch != project["default_branch"]:
        if repository.refs("refs/heads/") and not repository.branch_tip(branch):
            raise bad_request({"base": ["Could not set the default branch", f"Branch '{branch}' does not exist"]})
        repository.run("symbolic-ref", "HEAD", f"refs/heads/{branch}")
    attributes = encode(json.loads(project["attributes"]) | call.settings(entities.PROJECT_SETTINGS))
    with call.gitlab.db.transaction():
        if path != project["path"]:
            _refuse_taken(call, f"{above(project)}/{path}")
            remember(call.gitlab, project)
        relocate(call.gitlab, "Project", project, name, path, above(project))
        call.gitlab.db.update("projects", project["id"], visibility=visibility, default_branch=branch, attributes=attributes)
    return entities.project_with_access(call.gitlab, call.gitlab.db.get("projects", project["id"]), call.caller)


@route("POST", "/projects/{id}/archive", status=201)
def archive(call: Call) -> Any:
    """Make a project read-only."""
    return _archive(call, True)


@route("POST", "/projects/{id}/unarchive", status=201)
def unarchive(call: Call) -> Any:
    """Make a project writable again."""
    return _archive(call, False)


def _archive(call: Call, archived: bool) -> dict[str, Any]:
    project = require_project(call.gitlab, call.caller, call.path["id"], OWNER)
    attributes = json.loads(project["attributes"]) | {"archived": archived}
    call.gitlab.db.update("projects", project["id"], attributes=encode(attributes))
    return entities.project(call.gitlab, call.gitlab.db.get("projects", project["id"]))


def _listed(call: Call, row: Row, least: int) -> bool:
    level = project_level(call.gitlab, call.someone, row)
    return level >= least and visible(level, call.someone, row["visibility"])


def _target_namespace(call: Call) -> Row:
    wanted = call.integer("namespace_id")
    if wanted is None:
        row = call.gitlab.db.one("SELECT * FROM namespaces WHERE kind = 'user' AND owner_id = ?", call.caller.id)
    else:
        row = call.gitlab.db.one("SELECT * FROM namespaces WHERE id = ?", wanted)
    if row is None:
        raise bad_request({"namespace": ["is not valid"], "limit_reached": []})
    if group_level(call.gitlab, call.caller, row["id"]) < DEVELOPER:
        raise forbidden() if wanted is None else bad_request({"namespace": ["is not valid"]})
    return row


def _refuse_taken(call: Call, full_path: str) -> None:
    if taken(call.gitlab, full_path):
        problem = ["has already been taken"]
        raise bad_request({"project_namespace.name": problem, "name": problem, "path": problem})
