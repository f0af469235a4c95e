"""Environments: https://docs.gitlab.com/api/environments/."""

import json
from typing import Any

from sandbox.services.gitlab import environments
from sandbox.services.gitlab.access import DEVELOPER, require_code, require_project
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import bad_request, forbidden, not_found
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.store import Row, encode, now

ENVIRONMENTS = "/projects/{id}/environments"
STATES = ("available", "stopping", "stopped")


@route("GET", ENVIRONMENTS, paged=True)
def list_environments(call: Call) -> Any:
    """Environments by name; either with exactly this `name` or with `search` in it; `states` narrows the list."""
    project = require_code(call.gitlab, call.caller, call.path["id"])
    name, search = call.params.get("name"), call.params.get("search")
    if name and search:
        raise bad_request("name, search are mutually exclusive")
    if search and len(search) < 3:
        raise bad_request("Search query is less than 3 characters")
    state = call.choice("states", STATES, None)
    rows = call.gitlab.db.all("SELECT * FROM environments WHERE project_id = ? ORDER BY name", project["id"])
    fits = [row for row in rows if name in (None, row["name"]) and (search or "").lower() in row["name"].lower()]
    return [environments.shown(call.gitlab, project, row) for row in fits if state in (None, row["state"])]


@route("POST", ENVIRONMENTS, status=201)
def create_environment(call: Call) -> Any:
    """A new environment."""
    project = require_project(call.gitlab, call.caller, call.path["id"], DEVELOPER)
    name = str(call.require("name")[0])
    if not environments.NAME.fullmatch(name):
        raise bad_request({"name": [environments.NAME_RULE]})
    attributes = _attributes(call, environments.defaults(name))
    with call.gitlab.db.transaction():
        if call.gitlab.db.one("SELECT id FROM environments WHERE project_id = ? AND name = ?", project["id"], name):
            raise bad_request({"name": ["has already been taken"], "slug": ["has already been taken"]})
        made = environments.add(call.gitlab, project, name, attributes)
    return environments.shown(call.gitlab, project, made)


@route("GET", f"{ENVIRONMENTS}/{{environment_id}}")
def get_environment(call: Call) -> Any:
    """One environment."""
    project = require_code(call.gitlab, call.caller, call.path["id"])
    return environments.shown(call.gitlab, project, _find(call, project))


@route("PUT", f"{ENVIRONMENTS}/{{environment_id}}")
def update_environment(call: Call) -> Any:
    """Change an environment; its name stays."""
    project = require_project(call.gitlab, call.caller, call.path["id"], DEVELOPER)
    row = _find(call, project)
    return _save(call, project, row, attributes=encode(_attributes(call, json.loads(row["attributes"]))))


@route("POST", f"{ENVIRONMENTS}/{{environment_id}}/stop", status=201)
def stop_environment(call: Call) -> Any:
    """Stop an environment."""
    project = require_project(call.gitlab, call.caller, call.path["id"], DEVELOPER)
    return _save(call, project, _find(call, project), state="stopped")


@route("DELETE", f"{ENVIRONMENTS}/{{environment_id}}", status=204)
def delete_environment(call: Call) -> None:
    """Delete a stopped environment."""
    project = require_project(call.gitlab, call.caller, call.path["id"], DEVELOPER)
    row = _find(call, project)
    if row["state"] != "stopped":
        raise forbidden()
    call.gitlab.db.execute("DELETE FROM environments WHERE id = ?", row["id"])


def _find(call: Call, project: Row) -> Row:
    row = call.gitlab.db.one("SELECT * FROM environments WHERE id = ? AND project_id = ?", call.number("environment_id"), project["id"])
    if row is None:
        raise not_found("Environment")
    return row


def _attributes(call: Call, before: dict[str, Any]) -> dict[str, Any]:
    given = {name: call.params[name] for name in environments.TEXTS if name in call.params}
    if not str(given.get("external_url") or "http://").lower().startswith(("http://", "https://")):
        raise bad_request({"external_url": ["javascript scheme is not allowed, expected http or https"]})
    chosen = {"tier": environments.TIERS, "auto_stop_setting": ("always", "with_action")}
    return before | given | {name: call.choice(name, allowed, before[name]) for name, allowed in chosen.items()}


def _save(call: Call, project: Row, row: Row, **values: str) -> dict[str, Any]:
    call.gitlab.db.update("environments", row["id"], updated_at=now(), **values)
    return environments.shown(call.gitlab, project, call.gitlab.db.get("environments", row["id"]))
