"""The log of a hook's deliveries, sending again and trying out: https://docs.gitlab.com/api/project_webhooks/#list-all-events."""

import asyncio
import json
from typing import Any

from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.deletion import BELOW
from sandbox.services.gitlab.deliveries import TRIGGERS, add_delivery
from sandbox.services.gitlab.errors import ApiError, not_found
from sandbox.services.gitlab.git import ZERO
from sandbox.services.gitlab.payloads import push_payload
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.routes.hooks import HOOKS, find_hook
from sandbox.services.gitlab.sender import send
from sandbox.services.gitlab.store import Row


@route("GET", f"{HOOKS}/{{hook_id}}/events", paged=True)
def list_events(call: Call) -> Any:
    """Deliveries, the latest first."""
    hook, status = find_hook(call), call.params.get("status")
    rows = call.gitlab.db.all("SELECT * FROM deliveries WHERE hook_id = ? AND attempts > 0 ORDER BY id DESC", hook["id"])
    return [_event(hook, row) for row in rows if status is None or _fits(row["status"], status)]


@route("POST", f"{HOOKS}/{{hook_id}}/events/{{hook_log_id}}/resend", status=201)
def resend(call: Call) -> Any:
    """Send a delivery once more."""
    hook = find_hook(call)
    sql = "SELECT * FROM deliveries WHERE id = ? AND hook_id = ?"
    earlier = call.gitlab.db.one(sql, call.number("hook_log_id"), hook["id"])
    if earlier is None:
        raise not_found("Hook log")
    return {"response_status": int(_deliver(call, hook, json.loads(earlier["payload"])))}


@route("POST", f"{HOOKS}/{{hook_id}}/test/{{trigger}}", status=201)
def test_hook(call: Call) -> Any:
    """Send the last commit as if it had just been pushed; 422 if the receiver does not take it."""
    hook, trigger = find_hook(call), call.path["trigger"]
    kinds = {flag: kind for kind, (flag, _) in TRIGGERS.items() if kind in ("push", "tag_push")}
    if trigger not in kinds:
        raise ApiError(400, {"error": "trigger does not have a valid value"})
    project = _project(call, hook)
    repository = call.gitlab.repository(project)
    tip = repository.branch_tip(project["default_branch"])
    if tip is None:
        raise ApiError(422, {"message": "Ensure the project has at least one commit."})
    before = (repository.commit(tip).parents or [ZERO])[0]
    ref = f"refs/heads/{project['default_branch']}" if kinds[trigger] == "push" else "refs/tags/v1.0.0"
    _deliver(call, hook, push_payload(call.gitlab, project, call.caller.user, before, tip, ref))
    return {"message": "201 Created"}


def _deliver(call: Call, hook: Row, payload: dict[str, Any]) -> str:
    """Send at once and return the receiver's HTTP status; ApiError 422 if that is no success."""
    delivery = add_delivery(call.gitlab, hook, payload, due_at=None)
    result = asyncio.run(send(call.gitlab, delivery))
    if not result["status"].startswith("2"):
        raise ApiError(422, {"message": f"Hook execution failed: {result['status']} {result['response_body']}"[:500]})
    return str(result["status"])


def _project(call: Call, hook: Row) -> Row:
    if hook["project_id"]:
        return call.gitlab.db.get("projects", hook["project_id"])
    sql = f"{BELOW} SELECT * FROM projects WHERE namespace_id IN (SELECT id FROM below) ORDER BY id"
    project = call.gitlab.db.one(sql, hook["group_id"])
    if project is None:
        raise ApiError(422, {"message": "Ensure the group has a project with commits."})
    return project


def _fits(status: str, wanted: str) -> bool:
    """Tell whether `status` is the one `wanted`, or of the kind: GitLab has names for three."""
    kinds = {"successful": "2", "client_failure": "4", "server_failure": "5"}
    return (
        status.startswith(kinds[wanted]) or (wanted == "server_failure" and not status.isdigit()) if wanted in kinds else status == wanted
    )


def _event(hook: Row, row: Row) -> dict[str, Any]:
    headers = json.loads(row["headers"]) | ({"X-Gitlab-Token": "[REDACTED]"} if hook["token"] else {})
    headers |= dict.fromkeys(json.loads(hook["attributes"]).get("custom_headers", {}), "[REDACTED]")
    return {
        "id": row["id"], "url": hook["url"], "trigger": f"{row['event']}_hooks", "request_headers": headers,
        "request_data": json.loads(row["payload"]), "response_headers": json.loads(row["response_headers"] or "{}"),
        "response_body": row["response_body"], "response_status": row["status"], "execution_duration": row["duration"],
    }  # fmt: skip
