"""Webhooks of projects and groups: https://docs.gitlab.com/api/project_webhooks/, https://docs.gitlab.com/api/group_webhooks/."""

import json
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import ApiError, not_found
from sandbox.services.gitlab.hook_health import shown
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.sources import EITHER, Source, find_source
from sandbox.services.gitlab.store import Row, encode, now

HOOKS = f"{EITHER}/hooks"
OF_GROUPS = {"subgroup_events": False, "member_events": False, "project_events": False}
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
PAIRS = ("custom_headers", "url_variables")


@route("GET", HOOKS, paged=True)
def list_hooks(call: Call) -> Any:
    """Hooks of a project or group."""
    source = find_source(call)
    return [_shown(row) for row in call.gitlab.db.all(f"SELECT * FROM hooks WHERE {_column(source)} = ? ORDER BY id", source.id)]


@route("POST", HOOKS, status=201)
def create_hook(call: Call) -> Any:
    """A new hook; its `token` never comes back."""
    source = find_source(call)
    url, defaults = call.require("url")[0], FLAGS | TEXTS | (OF_GROUPS if source.type == "Group" else {})
    attributes = _attributes(call, defaults) | {name: _pairs(call, name) for name in PAIRS}
    values = {"url": _url(url, attributes["url_variables"]), "token": call.params.get("token"), "attributes": encode(attributes)}
    id = call.gitlab.db.insert("hooks", **{_column(source): source.id}, uuid=str(uuid4()), created_at=now(), **values)
    return _shown(call.gitlab.db.get("hooks", id))


@route("GET", f"{HOOKS}/{{hook_id}}")
def get_hook(call: Call) -> Any:
    """One hook."""
    return _shown(find_hook(call))


@route("PUT", f"{HOOKS}/{{hook_id}}")
def update_hook(call: Call) -> Any:
    """Change a hook."""
    hook = find_hook(call)
    token, attributes = call.params.get("token", hook["token"]), _attributes(call, json.loads(hook["attributes"]))
    attributes |= {name: _pairs(call, name) for name in PAIRS if name in call.params}
    url = _url(call.params.get("url", hook["url"]), attributes.get("url_variables", {}))
    call.gitlab.db.update("hooks", hook["id"], url=url, token=token, attributes=encode(attributes))
    return _shown(call.gitlab.db.get("hooks", hook["id"]))


@route("DELETE", f"{HOOKS}/{{hook_id}}", status=204)
def delete_hook(call: Call) -> None:
    """Delete a hook and the log of its deliveries."""
    call.gitlab.db.execute("DELETE FROM hooks WHERE id = ?", find_hook(call)["id"])


@route("PUT", f"{HOOKS}/{{hook_id}}/(?P<pairs>custom_headers|url_variables)/{{key}}")
def set_pair(call: Call) -> Any:
    """Set a header to send along, or a variable of the URL; its value never comes back."""
    return _change_pairs(call, {call.path["key"]: call.require("value")[0]})


@route("DELETE", f"{HOOKS}/{{hook_id}}/(?P<pairs>custom_headers|url_variables)/{{key}}", status=204)
def delete_pair(call: Call) -> None:
    """Remove a header or variable."""
    _change_pairs(call, {})


def find_hook(call: Call) -> Row:
    """Return the hook that the call names; ApiError 404 if there is none."""
    source = find_source(call)
    row = call.gitlab.db.one(f"SELECT * FROM hooks WHERE id = ? AND {_column(source)} = ?", call.number("hook_id"), source.id)
    if row is None:
        raise not_found("Hook")
    return row


def _column(source: Source) -> str:
    return f"{source.type.lower()}_id"


def _change_pairs(call: Call, new: dict[str, str]) -> None:
    hook = find_hook(call)
    attributes = json.loads(hook["attributes"])
    pairs = attributes.setdefault(call.path["pairs"], {})
    if not new and pairs.pop(call.path["key"], None) is None:
        raise not_found("Key")
    pairs |= new
    call.gitlab.db.update("hooks", hook["id"], attributes=encode(attributes))


def _pairs(call: Call, name: str) -> dict[str, str]:
    given = call.params.get(name, [])
    for each in given if isinstance(given, list) else [None]:
        if not isinstance(each, dict) or not all(isinstance(each.get(part), str) for part in ("key", "value")):
            raise ApiError(400, {"error": f"{name} is invalid"})
    return {each["key"]: each["value"] for each in given}


def _url(url: str, variables: dict[str, str]) -> str:
    filled = url
    for name in variables:
        filled = filled.replace(f"{{{name}}}", "x")
    try:
        parts = urlsplit(filled)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ApiError(422, {"error": "Invalid url given"})
    return url


def _attributes(call: Call, before: dict[str, Any]) -> dict[str, Any]:
    flags = {name: call.boolean(name, before[name]) for name in FLAGS | OF_GROUPS if name in before}
    return before | flags | {name: call.params[name] for name in TEXTS if name in call.params}


def _shown(row: Row) -> dict[str, Any]:
    attributes: dict[str, Any] = json.loads(row["attributes"])
    owner = {"project_id": row["project_id"]} if row["project_id"] else {"group_id": row["group_id"]}
    keys = {name: [{"key": key} for key in attributes.get(name, {})] for name in PAIRS}
    return attributes | keys | owner | shown(row) | {"id": row["id"], "url": row["url"], "created_at": row["created_at"]}
