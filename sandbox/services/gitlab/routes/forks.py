"""Forks: https://docs.gitlab.com/api/project_forks/."""

import shutil
from typing import Any
from uuid import uuid4

from sandbox.services.gitlab import entities
from sandbox.services.gitlab.access import DEVELOPER, MAINTAINER, OWNER, group_level, may_read_code, require_code, require_project
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import ApiError, bad_request, not_found
from sandbox.services.gitlab.git import Repository
from sandbox.services.gitlab.paths import taken
from sandbox.services.gitlab.protection import protect_default_branch
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.routes.groups import PATH, PATH_RULE, chosen_visibility
from sandbox.services.gitlab.store import Row, now

FORK = "/projects/{id}/fork"


@route("POST", FORK, status=201)
def fork(call: Call) -> Any:
    """A copy of a project in another namespace. GitLab copies the repository later; here it is there at once."""
    origin = require_code(call.gitlab, call.caller, call.path["id"])
    namespace = _namespace(call)
    path, name = str(call.params.get("path") or origin["path"]), str(call.params.get("name") or origin["name"])
    if not PATH.fullmatch(path):
        raise bad_request({"path": [PATH_RULE]})
    visibility = chosen_visibility(call, "private", namespace)
    storage = call.gitlab.repositories / f"{uuid4().hex}.git"
    _copy(call.gitlab.repository(origin), Repository(storage), origin, call.params.get("branches"))
    try:
        with call.gitlab.db.transaction():
            project = _insert(call, origin, namespace, storage.name, name=name, path=path, visibility=visibility)
    except ApiError:
        shutil.rmtree(storage)
        raise
    return entities.project(call.gitlab, project)


@route("GET", "/projects/{id}/forks", paged=True, public=True)
def list_forks(call: Call) -> Any:
    """Forks of a project that the caller may read."""
    origin = require_code(call.gitlab, call.someone, call.path["id"])
    rows = call.gitlab.db.all("SELECT p.* FROM forks f JOIN projects p ON p.id = f.project_id WHERE f.origin_id = ?", origin["id"])
    return [entities.project(call.gitlab, row) for row in rows if may_read_code(call.gitlab, call.someone, row)]


@route("DELETE", FORK, status=204)
def forget_origin(call: Call) -> None:
    """Make a fork a project of its own."""
    project = require_project(call.gitlab, call.caller, call.path["id"], OWNER)
    call.gitlab.db.execute("DELETE FROM forks WHERE project_id = ?", project["id"])


def _namespace(call: Call) -> Row:
    """Return the namespace that the parameters name, by id or path; the caller's own without one."""
    wanted = str(call.params.get("namespace_id") or call.params.get("namespace_path") or call.params.get("namespace") or "")
    column = "id" if wanted.isdigit() else "full_path"
    own = call.gitlab.db.one("SELECT * FROM namespaces WHERE kind = 'user' AND owner_id = ?", call.caller.id)
    row = call.gitlab.db.one(f"SELECT * FROM namespaces WHERE {column} = ?", wanted) if wanted else own
    if row is None or group_level(call.gitlab, call.caller, row["id"]) < DEVELOPER:
        raise not_found("Target Namespace")
    return row


def _copy(origin: Repository, copy: Repository, project: Row, branches: Any) -> None:
    """Copy the branches and tags of `origin` into the new repository `copy`; with `branches` no more than the one named."""
    copy.init(project["default_branch"])
    heads = f"refs/heads/{branches}" if branches else "refs/heads/*"
    copy.run("fetch", "--quiet", str(origin.path), f"+{heads}:{heads}", *([] if branches else ["+refs/tags/*:refs/tags/*"]))


def _insert(call: Call, origin: Row, namespace: Row, storage: str, *, name: str, path: str, visibility: str) -> Row:
    """Insert the project of the fork and return it; ApiError 409 if the path is taken. Inside a transaction."""
    full_path = f"{namespace['full_path']}/{path}"
    if taken(call.gitlab, full_path):
        raise ApiError(409, {"message": ["Name has already been taken", "Path has already been taken"]})
    db = call.gitlab.db
    id = db.insert(
        "projects", namespace_id=namespace["id"], creator_id=call.caller.id, name=name, path=path, full_path=full_path,
        visibility=visibility, default_branch=origin["default_branch"], storage=storage, attributes="{}", created_at=now(),
        last_activity_at=now(),
    )  # fmt: skip
    db.insert("forks", project_id=id, origin_id=origin["id"])
    if group_level(call.gitlab, call.caller, namespace["id"]) < MAINTAINER:  # who made it must be able to manage it
        member = {"user_id": call.caller.id, "access_level": MAINTAINER, "created_at": now()}
        db.insert("members", source_type="Project", source_id=id, **member)
    project = db.get("projects", id)
    protect_default_branch(call.gitlab, project)
    return project
