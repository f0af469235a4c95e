"""Repositories."""

from typing import Any

from sandbox.services.harbor import access, content, removal
from sandbox.services.harbor.call import Call, repository_name
from sandbox.services.harbor.errors import not_found
from sandbox.services.harbor.router import route
from sandbox.services.harbor.store import Row, now

PATH = "/projects/{project_name}/repositories"
ONE = f"{PATH}/{{repository_name}}"


def shown(call: Call, repository: Row) -> dict[str, Any]:
    """Return the form of a repository."""
    names = ("id", "project_id", "name", "description", "pull_count", "creation_time", "update_time")
    count = call.harbor.db.number("SELECT COUNT(*) FROM artifacts WHERE repository_id = ?", repository["id"])
    return {name: repository[name] for name in names} | {"artifact_count": count}


def require(call: Call) -> Row:
    """Return the repository in the path; ApiError 404 if it is not there. The caller's right is not looked at."""
    found = content.find_repository(call.harbor.db, repository_name(call))
    if found is None:
        raise not_found(f"repository {repository_name(call)}")
    return found


@route("GET", "/repositories", paged=True)
def list_all(call: Call) -> Any:
    """List the repositories of all projects in which the caller may."""
    projects = [row for row in call.harbor.db.all("SELECT * FROM projects") if access.may(call.caller, row, "repository", "list")]
    ids = {row["id"] for row in projects}
    rows = call.harbor.db.all("SELECT * FROM repositories ORDER BY name")
    return [shown(call, row) for row in rows if row["project_id"] in ids]


@route("GET", PATH, paged=True)
def list_repositories(call: Call) -> Any:
    """List the repositories of a project."""
    project = call.project("repository", "list")
    return [shown(call, row) for row in call.harbor.db.all("SELECT * FROM repositories WHERE project_id = ? ORDER BY name", project["id"])]


@route("GET", ONE)
def get_repository(call: Call) -> Any:
    """Show a repository."""
    call.project("repository", "read")
    return shown(call, require(call))


@route("PUT", ONE)
def update_repository(call: Call) -> None:
    """Change the description."""
    call.project("repository", "update")
    given = call.fields({"description": str})
    call.harbor.db.update("repositories", require(call)["id"], description=given.get("description", ""), update_time=now())


@route("DELETE", ONE)
def delete_repository(call: Call) -> None:
    """Delete a repository with all its artifacts, at the registry too."""
    call.project("repository", "delete")
    removal.remove_repository(call.harbor, require(call))
