"""Webhooks of projects: https://docs.gitlab.com/api/project_webhooks/."""

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from sandbox.services.gitlab.access import MAINTAINER, require_project
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.deliveries import TRIGGERS, add_delivery
from sandbox.services.gitlab.errors import ApiError, not_found
from sandbox.services.gitlab.git import ZERO
from sandbox.services.gitlab.payloads import push_payload
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.sender import send
from sandbox.services.gitlab.store import Row, encode, now

HOOKS = "/projects/{id}/hooks"
FLAGS: dict[str, bool] = {
    "push_events": True, "tag_push_events": False, "merge_requests_events": False, "issues_events": False,
    "confidential_issues_events": False, "note_events": False, "confidential_note_events": False, "job_events": False,
    "pipeline_events": False, "wiki_page_events": False, "deployment_events": False, "feature_flag_events": False,
    "releases_events": False, "milestone_events": False, "emoji_events": False, "resource_access_token_events": False,
    "repository_update_events": False, "vulnerability_events": False, "enable_ssl_verification": True,
}  # fmt: skip
TEXTS: dict[str, str | None] = {
    "name": None, "description": None, "push_events_branch_filter": None, "branch_filter_strategy": "wildcard",
    "custom_webhook_template": None,
}  # fmt: skip


@route("GET", HOOKS, paged=True)
def list_hooks(call: Call) -> Any:
    """Hooks of a project."""
    project = require_project(call.gitlab, call.caller, call.path["id"], MAINTAINER)
    return [_shown(row) for row in call.gitlab.db.all("SELECT * FROM hooks WHERE project_id = ? ORDER BY id", project["id"])]


@route("POST", HOOKS, status=201)
def create_hook(call: Call) -> Any:
    """A new hook; its `token` never comes back."""
    project = require_project(call.gitlab, call.caller, call.path["id"], MAINTAINER)
    url = _url(call.require("url")[0])
    id = call.gitlab.db.insert(
        "hooks", project_id=project["id"], uuid=str(uuid4()), url=url, token=call.params.get("token"),
        attributes=encode(_attributes(call, FLAGS | TEXTS)), created_at=now(),
    )  # fmt: skip
    return _shown(call.gitlab.db.get("hooks", id))


@route("GET", f"{HOOKS}/{{hook_id}}")
def get_hook(call: Call) -> Any:
    """One hook."""
    return _shown(_find(call))


@route("PUT", f"{HOOKS}/{{hook_id}}")
def update_hook(call: Call) -> Any:
    """Change a hook."""
    hook = _find(call)
    url, token = _url(call.params.get("url", hook["url"])), call.params.get("token", hook["token"])
    attributes = _attributes(call, json.loads(hook["attributes"]))
    call.gitlab.db.update("hooks", hook["id"], url=url, token=token, attributes=encode(attributes))
    return _shown(call.gitlab.db.get("hooks", hook["id"]))


@route("DELETE", f"{HOOKS}/{{hook_id}}", status=204)
def delete_hook(call: Call) -> None:
    """Delete a hook and the log of its deliveries."""
    call.gitlab.db.execute("DELETE FROM hooks WHERE id = ?", _find(call)["id"])


@route("GET", f"{HOOKS}/{{hook_id}}/events", paged=True)
def list_events(call: Call) -> Any:
    """Deliveries, the latest first."""
    rows = call.gitlab.db.all("SELECT * FROM deliveries WHERE hook_id = ? AND attempts > 0 ORDER BY id DESC", _find(call)["id"])
    status, hook = call.params.get("status"), _find(call)
    return [_event(hook, row) for row in rows if status is None or row["status"] == str(status)]


@route("POST", f"{HOOKS}/{{hook_id}}/events/{{hook_log_id}}/resend", status=201)
def resend(call: Call) -> Any:
    """Send a delivery once more."""
    hook = _find(call)
    sql = "SELECT * FROM deliveries WHERE id = ? AND hook_id = ?"
    earlier = call.gitlab.db.one(sql, call.number("hook_log_id"), hook["id"])
    if earlier is None:
        raise not_found("Hook log")
    return {"response_status": int(_deliver(call, hook, json.loads(earlier["payload"])))}


@route("POST", f"{HOOKS}/{{hook_id}}/test/{{trigger}}", status=201)
def test_hook(call: Call) -> Any:
    """Send the last commit as if it had just been pushed; 422 if the receiver does not take it."""
    hook, trigger = _find(call), call.path["trigger"]
    kinds = {flag: kind for kind, (flag, _) in TRIGGERS.items() if kind in ("push", "tag_push")}
    if trigger not in kinds:
        raise ApiError(400, {"error": "trigger does not have a valid value"})
    project = call.gitlab.db.get("projects", hook["project_id"])
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


def _find(call: Call) -> Row:
    project = require_project(call.gitlab, call.caller, call.path["id"], MAINTAINER)
    row = call.gitlab.db.one("SELECT * FROM hooks WHERE id = ? AND project_id = ?", call.number("hook_id"), project["id"])
    if row is None:
        raise not_found("Hook")
    return row


def _url(url: Any) -> str:
    parts = urlsplit(str(url))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ApiError(422, {"error": "Invalid url given"})
    return str(url)


def _attributes(call: Call, before: dict[str, Any]) -> dict[str, Any]:
    flags = {name: call.boolean(name, before[name]) for name in FLAGS}
    return before | flags | {name: call.params[name] for name in TEXTS if name in call.params}


def _shown(row: Row) -> dict[str, Any]:
    attributes: dict[str, Any] = json.loads(row["attributes"])
    return attributes | {
        "id": row["id"], "url": row["url"], "created_at": row["created_at"], "project_id": row["project_id"], "alert_status": "executable",
        "disabled_until": None, "url_variables": [], "custom_headers": [],
    }  # fmt: skip


def _event(hook: Row, row: Row) -> dict[str, Any]:
    headers = json.loads(row["headers"]) | ({"X-Gitlab-Token": "[REDACTED]"} if hook["token"] else {})
    return {
        "id": row["id"], "url": hook["url"], "trigger": f"{row['event']}_hooks", "request_headers": headers,
        "request_data": json.loads(row["payload"]), "response_headers": json.loads(row["response_headers"] or "{}"),
        "response_body": row["response_body"], "response_status": row["status"], "execution_duration": row["duration"],
    }  # fmt: skip
