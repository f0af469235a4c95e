"""Deployments: https://docs.gitlab.com/api/deployments/."""

from typing import Any

from sandbox.services.gitlab import environments
from sandbox.services.gitlab.access import DEVELOPER, MAINTAINER, require_code, require_project
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import bad_request, not_found
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.store import Row, now

DEPLOYMENTS = "/projects/{id}/deployments"
STATES, FINISHED = ("running", "success", "failed", "canceled"), ("success", "failed", "canceled")
ASKED_STATES = ("created", *STATES, "skipped", "blocked")
ORDERS = ("id", "iid", "created_at", "updated_at", "finished_at")


@route("GET", DEPLOYMENTS, paged=True)
def list_deployments(call: Call) -> Any:
    """Deployments by id; `environment` (its name) and `status` narrow the list."""
    project = require_code(call.gitlab, call.caller, call.path["id"])
    sql = "SELECT d.*, e.name FROM deployments d JOIN environments e ON e.id = d.environment_id WHERE d.project_id = ?"
    name, state, order = call.params.get("environment"), call.choice("status", ASKED_STATES, None), call.choice("order_by", ORDERS, "id")
    rows = [row for row in call.gitlab.db.all(sql, project["id"]) if name in (None, row["name"]) and state in (None, row["status"])]
    rows.sort(key=lambda row: (row[order] or "", row["id"]), reverse=call.choice("sort", ("asc", "desc"), "asc") == "desc")
    return [environments.deployment(call.gitlab, row) for row in rows]


@route("POST", DEPLOYMENTS, status=201)
def create_deployment(call: Call) -> Any:
    """A new deployment of a commit; an environment that is not there is made."""
    project = require_project(call.gitlab, call.caller, call.path["id"], DEVELOPER)
    name, sha, ref, _, _ = map(str, call.require("environment", "sha", "ref", "tag", "status"))
    call.boolean("tag")
    state = call.choice("status", STATES, None)
    if call.gitlab.repository(project).commit_id(sha) is None:
        raise bad_request({"sha": ["The commit does not exist"]})
    if not environments.NAME.fullmatch(name):
        raise bad_request({"environment": [environments.NAME_RULE]})
    db = call.gitlab.db
    with db.transaction():
        environment = db.one("SELECT * FROM environments WHERE project_id = ? AND name = ?", project["id"], name)
        environment = environment or environments.add(call.gitlab, project, name, environments.defaults(name))
        last = db.one("SELECT MAX(iid) AS iid FROM deployments WHERE project_id = ?", project["id"])
        id = db.insert(
            "deployments", project_id=project["id"], iid=((last and last["iid"]) or 0) + 1, environment_id=environment["id"],
            user_id=call.caller.id, ref=ref, sha=sha, status=state, created_at=now(), updated_at=now(), finished_at=_finished(state),
        )  # fmt: skip
        if state == "success":
            db.update("environments", environment["id"], state="available")
    return _shown(call, db.get("deployments", id))


@route("GET", f"{DEPLOYMENTS}/{{deployment_id}}")
def get_deployment(call: Call) -> Any:
    """One deployment."""
    return _shown(call, _find(call, require_code(call.gitlab, call.caller, call.path["id"])))


@route("PUT", f"{DEPLOYMENTS}/{{deployment_id}}")
def update_deployment(call: Call) -> Any:
    """Say how a deployment went on; one that has finished stays as it is."""
    row = _find(call, require_project(call.gitlab, call.caller, call.path["id"], DEVELOPER))
    call.require("status")
    state = call.choice("status", STATES, None)
    if row["status"] in FINISHED or row["status"] == state:
        raise bad_request({"status": [f'cannot transition from "{row["status"]}" to "{state}"']})
    call.gitlab.db.update("deployments", row["id"], status=state, updated_at=now(), finished_at=_finished(state))
    return _shown(call, call.gitlab.db.get("deployments", row["id"]))


@route("DELETE", f"{DEPLOYMENTS}/{{deployment_id}}", status=204)
def delete_deployment(call: Call) -> None:
    """Delete a deployment that neither runs nor is the last one of its environment."""
    row = _find(call, require_project(call.gitlab, call.caller, call.path["id"], MAINTAINER))
    newest = call.gitlab.db.one("SELECT MAX(id) AS id FROM deployments WHERE environment_id = ?", row["environment_id"])
    if row["status"] == "running":
        raise bad_request("Cannot destroy running deployment")
    if newest and newest["id"] == row["id"]:
        raise bad_request("Deployment currently deployed to environment")
    call.gitlab.db.execute("DELETE FROM deployments WHERE id = ?", row["id"])


def _finished(state: str) -> str | None:
    return now() if state in FINISHED else None


def _find(call: Call, project: Row) -> Row:
    row = call.gitlab.db.one("SELECT * FROM deployments WHERE id = ? AND project_id = ?", call.number("deployment_id"), project["id"])
    if row is None:
        raise not_found("Deployment")
    return row


def _shown(call: Call, row: Row) -> dict[str, Any]:
    approvals = {"pending_approval_count": 0, "approvals": [], "approval_summary": {"rules": []}}
    return environments.deployment(call.gitlab, row) | approvals
