"""Health, information, configuration, the current user."""

from typing import Any

from starlette.responses import PlainTextResponse, Response

from sandbox.services.harbor import permissions, settings, usage
from sandbox.services.harbor.call import Call
from sandbox.services.harbor.errors import bad_request, precondition
from sandbox.services.harbor.instance import ADMIN, VERSION, public
from sandbox.services.harbor.router import route
from sandbox.services.harbor.store import now

COMPONENTS = ("core", "database", "jobservice", "portal", "redis", "registryctl", "trivy")
"""All of them this one process, whose answer is their health; the registry is asked."""
ADMINISTRATOR = {
    "user_id": 1, "username": ADMIN, "realname": "system admin", "email": "admin@example.com", "comment": "admin user",
    "sysadmin_flag": True, "admin_role_in_auth": False, "creation_time": "2026-01-01T00:00:00.000Z",
    "update_time": "2026-01-01T00:00:00.000Z",
}  # fmt: skip


@route("GET", "/health", open=True)
def health(call: Call) -> Any:
    """Tell which parts work."""
    components = [{"name": name, "status": "healthy"} for name in COMPONENTS]
    if call.harbor.registry.healthy():
        components.append({"name": "registry", "status": "healthy"})
    else:
        components.append({"name": "registry", "status": "unhealthy", "error": f"{call.harbor.registry.url} does not answer"})
    well = all(each["status"] == "healthy" for each in components)
    return {"status": "healthy" if well else "unhealthy", "components": sorted(components, key=lambda each: each["name"])}


@route("GET", "/ping", open=True)
def ping(call: Call) -> Response:
    """Answer."""
    return PlainTextResponse("Pong")


@route("GET", "/systeminfo", open=True)
def system_info(call: Call) -> Any:
    """Describe this Harbor, in more detail to who is logged in."""
    names = ("auth_mode", "primary_auth_mode", "self_registration", "banner_message")
    info = {name: settings.value(call.harbor.db, name) for name in names}
    if not call.caller.known:
        return info
    more = ("project_creation_restriction", "read_only", "notification_enable")
    return info | {
        **{name: settings.value(call.harbor.db, name) for name in more},
        "current_time": now(), "registry_url": call.harbor.url.partition("://")[2], "external_url": call.harbor.url, "has_ca_root": False,
        "harbor_version": f"{VERSION}-stand-in", "registry_storage_provider_name": "filesystem",
    }  # fmt: skip


@route("GET", "/statistics")
def statistics(call: Call) -> Any:
    """Count projects and repositories."""
    call.require_login()
    db, counts = call.harbor.db, {"private": [0, 0], "public": [0, 0]}
    for project in db.all("SELECT * FROM projects"):
        count = counts["public" if public(project) else "private"]
        count[0] += 1
        count[1] += db.number("SELECT COUNT(*) FROM repositories WHERE project_id = ?", project["id"])
    result = {f"{kind}_{what}_count": count[at] for kind, count in counts.items() for at, what in enumerate(("project", "repo"))}
    totals = {f"total_{what}_count": sum(count[at] for count in counts.values()) for at, what in enumerate(("project", "repo"))}
    return result | totals | {"total_storage_consumption": usage.total(db)}


@route("GET", "/configurations")
def configurations(call: Call) -> Any:
    """Show the configuration."""
    call.system("configuration", "read")
    return {name: {"value": settings.value(call.harbor.db, name), "editable": name != "auth_mode"} for name in settings.DEFAULTS}


@route("PUT", "/configurations")
def configure(call: Call) -> Any:
    """Change the configuration; what this stand-in does not know is ignored, as Harbor ignores unknown names."""
    call.system("configuration", "update")
    given = call.fields({name: type(default) for name, default in settings.DEFAULTS.items()})
    if given.get("project_creation_restriction", "everyone") not in ("everyone", "adminonly"):
        raise bad_request("project_creation_restriction is to be everyone or adminonly")
    if given.get("robot_token_duration", 1) < 1 or given.get("storage_per_project", -1) in (0, *range(-9, -1)):
        raise bad_request("robot_token_duration is to be positive, and storage_per_project -1 or positive")
    with call.harbor.db.transaction():
        for name, value in given.items():
            settings.change(call.harbor.db, name, value)


@route("GET", "/users/current")
def current_user(call: Call) -> Any:
    """Show who is logged in, which robots are not told."""
    call.require_login()
    if not call.caller.admin:
        raise precondition("get current user not available for security context: robot")
    return ADMINISTRATOR


@route("GET", "/permissions")
def all_permissions(call: Call) -> Any:
    """List what robots can be allowed."""
    call.require_login()
    scopes = {"system": permissions.SYSTEM, "project": permissions.PROJECT}
    return {scope: [{"resource": resource, "action": action} for resource, action in rights] for scope, rights in scopes.items()}
