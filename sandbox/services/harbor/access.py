"""What a caller may do."""

from sandbox.services.harbor.auth import Caller
from sandbox.services.harbor.errors import forbidden, not_found, unauthorized
from sandbox.services.harbor.instance import Harbor, public
from sandbox.services.harbor.permissions import EVERYBODY
from sandbox.services.harbor.store import Row

ACTIONS = {"pull": ("repository", "pull"), "push": ("repository", "push"), "delete": ("artifact", "delete")}
"""What the registry calls an action, as a right in Harbor."""


def may(caller: Caller, project: Row, resource: str, action: str) -> bool:
    """Tell whether `caller` may do `action` with a `resource` of `project`."""
    if caller.admin or (public(project) and (resource, action) in EVERYBODY):
        return True
    return any(_grants(grant, resource, action) for grant in caller.grants if _covers(grant, project))


def may_system(caller: Caller, resource: str, action: str) -> bool:
    """Tell whether `caller` may do `action` with a `resource` of Harbor itself."""
    return caller.admin or any(_grants(grant, resource, action) for grant in caller.grants if grant["kind"] == "system")


def sees(caller: Caller, project: Row) -> bool:
    """Tell whether `project` is among those listed to `caller`."""
    return caller.admin or public(project) or any(_covers(grant, project) for grant in caller.grants)


def registry_actions(harbor: Harbor, caller: Caller, repository: str, asked: set[str]) -> list[str]:
    """Return those of the `asked` actions of the registry that `caller` may do in `repository`."""
    project = harbor.project_of(repository)
    if project is None or "/" not in repository:
        return []
    return [name for name, (resource, action) in ACTIONS.items() if asked & {name, "*"} and may(caller, project, resource, action)]


def find_project(harbor: Harbor, key: str, *, by_name: bool = False) -> Row | None:
    """Return the project of the id or name `key`; a number is a name only if `by_name`."""
    if not by_name and key.isdecimal() and len(key) < 19:
        return harbor.db.find("projects", int(key))
    return harbor.db.one("SELECT * FROM projects WHERE name = ?", key)


def require_project(harbor: Harbor, caller: Caller, key: str, resource: str, action: str, *, by_name: bool = False) -> Row:
    """Return the project `key` if `caller` may do this in it; ApiError 401, 403 or 404 otherwise.

    Only the administrator is told that a project is not there.
    """
    project = find_project(harbor, key, by_name=by_name)
    if project is not None and may(caller, project, resource, action):
        return project
    if not caller.known:
        raise unauthorized()
    if project is None and caller.admin:
        raise not_found(f"project {key}")
    raise forbidden()


def require_system(caller: Caller, resource: str, action: str) -> None:
    """Raise ApiError 401 or 403 unless `caller` may do this with Harbor itself."""
    if not caller.known:
        raise unauthorized()
    if not may_system(caller, resource, action):
        raise forbidden()


def _covers(grant: dict[str, str], project: Row) -> bool:
    return grant["kind"] == "project" and grant["namespace"] in ("*", project["name"])


def _grants(grant: dict[str, list[dict[str, str]]], resource: str, action: str) -> bool:
    return any(each["resource"] in (resource, "*") and each["action"] in (action, "*") for each in grant["access"])
