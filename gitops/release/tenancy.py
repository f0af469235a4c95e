"""Whether an application may be in the GitOps repository: its user is a tenant, and no other application has one of its names."""

from gitops import tenants
from gitops.release.errors import RefusedError
from gitops.release.repository import Snapshot
from naming import App, Collision, collisions, namesakes


def require_tenant(snapshot: Snapshot, app: App) -> None:
    """Raise RefusedError where the user is not a tenant of the workspace."""
    file = snapshot.read(tenants.path(app.user))
    workspace = tenants.workspace_of(file.text) if file else None
    if workspace == app.workspace:
        return
    if workspace is None:
        raise RefusedError(
            f"{app.user!r} is no known user, so there is no namespace to run in; expected one with a file {tenants.path(app.user)} in the "
            "GitOps repository.\nNext: add the user to `tenants` in the platform's configuration and run `pulumi up`; nothing was written."
        )
    other = App(workspace=workspace, user=app.user, project=app.project)
    clash = next(collisions([other, app]))
    raise RefusedError(
        f"The user {app.user!r} belongs to the workspace {workspace!r}, not {app.workspace!r}; nothing was written.\n{clash}"
    )


def require_free_names(snapshot: Snapshot, app: App) -> None:
    """Raise RefusedError with the two applications, where one that is there has the Application's or the Helm release's name."""
    if clash := _clash(snapshot, app):
        raise RefusedError(f"{clash}.\nNothing was written.")


def _clash(snapshot: Snapshot, app: App) -> Collision | None:
    siblings = [App(workspace=app.workspace, user=app.user, project=name) for name in snapshot.names(f"apps/{app.workspace}/{app.user}")]
    for other in siblings:
        if clash := next(collisions([other, app]), None):
            return clash
    there: dict[str, set[str]] = {}
    for other in namesakes(app):
        if other.workspace not in there:
            there[other.workspace] = set(snapshot.names(f"apps/{other.workspace}"))
        if other.user in there[other.workspace] and other.project in snapshot.names(f"apps/{other.workspace}/{other.user}"):
            return next(collisions([other, app]))
    return None
