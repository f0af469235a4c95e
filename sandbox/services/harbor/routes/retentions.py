"""Retention policies and their executions."""

import json
import sqlite3
from typing import Any

from starlette.responses import PlainTextResponse, Response

from sandbox.services.harbor import retention, rules
from sandbox.services.harbor.access import require_project
from sandbox.services.harbor.call import Call
from sandbox.services.harbor.errors import bad_request, not_found
from sandbox.services.harbor.instance import metadata
from sandbox.services.harbor.router import route
from sandbox.services.harbor.store import Row, encode

ONE = "/retentions/{id}"
RUNS = f"{ONE}/executions"
TASKS = f"{RUNS}/{{eid}}/tasks"


@route("POST", "/retentions", status=201)
def create_retention(call: Call) -> None:
    """Give a project its policy, and note it among the project's settings."""
    policy = _checked(call)
    project = require_project(call.harbor, call.caller, str(policy["scope"]["ref"]), "tag-retention", "create")
    with call.harbor.db.transaction():
        try:
            id = call.harbor.db.insert("retentions", project_id=project["id"], policy=encode(policy))
        except sqlite3.IntegrityError:
            raise bad_request(f"project {project['id']} already has retention policy {metadata(project).get('retention_id')}") from None
        data = metadata(project) | {"retention_id": str(id)}
        call.harbor.db.update("projects", project["id"], metadata=encode(data))
    call.created(id)


@route("GET", ONE)
def get_retention(call: Call) -> Any:
    """Show a policy."""
    row = _policy(call, "read")
    return json.loads(row["policy"]) | {"id": row["id"]}


@route("PUT", ONE)
def update_retention(call: Call) -> None:
    """Change a policy; it stays its project's."""
    row = _policy(call, "update")
    policy = _checked(call)
    if policy["scope"]["ref"] != row["project_id"]:
        raise bad_request("cannot change the project of a retention policy")
    call.harbor.db.update("retentions", row["id"], policy=encode(policy))


@route("DELETE", ONE)
def delete_retention(call: Call) -> None:
    """Delete a policy."""
    row = _policy(call, "delete")
    project = call.harbor.db.get("projects", row["project_id"])
    data = {name: value for name, value in metadata(project).items() if name != "retention_id"}
    with call.harbor.db.transaction():
        call.harbor.db.update("projects", project["id"], metadata=encode(data))
        call.harbor.db.execute("DELETE FROM retentions WHERE id = ?", row["id"])


@route("POST", RUNS, status=201)
def run_retention(call: Call) -> None:
    """Run a policy, to its end; with `dry_run` nothing is deleted."""
    row = _policy(call, "update")
    given = call.fields({"dry_run": bool}) if call.body is not None else {}
    call.created(retention.run(call.harbor, row["id"], given.get("dry_run", False)))


@route("GET", RUNS, paged=True)
def list_executions(call: Call) -> Any:
    """List the executions, the newest first."""
    rows = call.harbor.db.all("SELECT * FROM executions WHERE policy_id = ? ORDER BY id DESC", _policy(call, "list")["id"])
    return [dict(row) | {"dry_run": bool(row["dry_run"]), "trigger": "Manual"} for row in rows]


@route("GET", TASKS, paged=True)
def list_tasks(call: Call) -> Any:
    """List what an execution did in each repository."""
    rows = call.harbor.db.all("SELECT * FROM tasks WHERE execution_id = ? ORDER BY id", _execution(call)["id"])
    return [{
        "id": row["id"], "execution_id": row["execution_id"], "repository": row["repository"].partition("/")[2],
        "job_id": f"{row['execution_id']}-{row['id']}", "status": "Success", "status_code": 3, "status_revision": 0,
        "start_time": row["start_time"], "end_time": row["end_time"], "total": row["total"], "retained": row["retained"],
    } for row in rows]  # fmt: skip


@route("GET", f"{TASKS}/{{tid}}")
def task_log(call: Call) -> Response:
    """Show what became of each artifact."""
    execution, task = _execution(call), call.row("tasks", "tid", "task")
    if task["execution_id"] != execution["id"]:
        raise not_found(f"task {task['id']} of execution {execution['id']}")
    return PlainTextResponse(task["log"])


def _policy(call: Call, action: str) -> Row:
    call.require_login()
    row = call.row("retentions", "id", "retention policy")
    require_project(call.harbor, call.caller, str(row["project_id"]), "tag-retention", action)
    return row


def _execution(call: Call) -> Row:
    policy, row = _policy(call, "list"), call.row("executions", "eid", "execution")
    if row["policy_id"] != policy["id"]:
        raise not_found(f"execution {row['id']} of retention policy {policy['id']}")
    return row


def _checked(call: Call) -> dict[str, Any]:
    given = call.fields({"algorithm": str, "rules": list, "trigger": dict, "scope": dict}, ("scope",))
    scope = given["scope"]
    if scope.get("level") != "project" or not isinstance(scope.get("ref"), int):
        raise bad_request(f"scope is {scope}, expected the level project and its id as ref")
    trigger = given.get("trigger") or {"kind": "Schedule", "settings": {"cron": ""}}
    listed = [rules.checked(each, tuple(retention.TEMPLATES)) for each in given.get("rules", [])]
    for rule in listed:
        value = rule["params"].get(rule["template"])
        if rule["template"] != "always" and (not isinstance(value, int) or value < 0):
            raise bad_request(f"missing parameter {rule['template']} in rule {rule['template']}")
    numbered = [rule | {"id": number, "action": "retain"} for number, rule in enumerate(listed, start=1)]
    return {"algorithm": given.get("algorithm") or "or", "rules": numbered, "trigger": trigger, "scope": scope}
