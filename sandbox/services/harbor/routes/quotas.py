"""Quotas: one a project, with the project's id."""

from typing import Any

from sandbox.services.harbor import usage
from sandbox.services.harbor.call import Call
from sandbox.services.harbor.errors import bad_request
from sandbox.services.harbor.instance import ADMIN
from sandbox.services.harbor.router import route
from sandbox.services.harbor.store import Row, now


def shown(call: Call, project: Row) -> dict[str, Any]:
    """Return the form of a project's quota."""
    return {
        "id": project["id"], "ref": {"id": project["id"], "name": project["name"], "owner_name": ADMIN},
        "hard": {"storage": project["hard"]}, "used": {"storage": usage.used(call.harbor.db, project["id"])},
        "creation_time": project["creation_time"], "update_time": project["update_time"],
    }  # fmt: skip


@route("GET", "/quotas", paged=True)
def list_quotas(call: Call) -> Any:
    """List the quotas, or with `reference=project&reference_id=1` that of one project."""
    call.system("quota", "list")
    if call.query.get("reference", "project") != "project":
        return []
    rows, wanted = call.harbor.db.all("SELECT * FROM projects ORDER BY id"), call.query.get("reference_id")
    return [shown(call, row) for row in rows if wanted in (None, str(row["id"]))]


@route("GET", "/quotas/{id}")
def get_quota(call: Call) -> Any:
    """Show a quota."""
    call.system("quota", "read")
    return shown(call, call.row("projects", "id", "quota"))


@route("PUT", "/quotas/{id}")
def update_quota(call: Call) -> None:
    """Set how much a project may hold: a number of bytes, or -1."""
    call.system("quota", "update")
    project = call.row("projects", "id", "quota")
    limit = call.fields({"hard": dict}, ("hard",))["hard"].get("storage")
    if not isinstance(limit, int) or limit < -1 or limit == 0:
        raise bad_request(f"invalid hard limit value {limit!r} for storage: expected -1 or a number of bytes")
    call.harbor.db.update("projects", project["id"], hard=limit, update_time=now())
