"""Registries elsewhere, behind which projects can be a cache."""

import json
import sqlite3
from typing import Any

from sandbox.services.harbor.call import Call
from sandbox.services.harbor.errors import bad_request, conflict, precondition
from sandbox.services.harbor.router import route
from sandbox.services.harbor.store import Row, encode, now
from sandbox.services.harbor.upstream import Upstream

CREDENTIAL = {"credential_type": "type", "access_key": "access_key", "access_secret": "access_secret"}
FIELDS = {"name": str, "url": str, "type": str, "insecure": bool, "ca_certificate": str, "description": str}
HIDDEN = "*****"
LONGEST_NAME = 64


def shown(registry: Row) -> dict[str, Any]:
    """Return the form of a registry, with its secret hidden."""
    attributes = json.loads(registry["attributes"])
    credential = {name: value for name, value in attributes["credential"].items() if value}
    if "access_secret" in credential:
        credential["access_secret"] = HIDDEN
    return {
        "id": registry["id"], "name": registry["name"], **attributes, "credential": credential, "status": "healthy",
        "creation_time": registry["creation_time"], "update_time": registry["update_time"],
    }  # fmt: skip


@route("GET", "/registries", paged=True)
def list_registries(call: Call) -> Any:
    """List the registries."""
    call.system("registry", "list")
    rows = call.harbor.db.all("SELECT * FROM registries ORDER BY id")
    return [_live(row) for row in rows if call.query.get("name", "") in row["name"]]


@route("POST", "/registries", status=201)
def create_registry(call: Call) -> None:
    """Add a registry that answers."""
    call.system("registry", "create")
    given = call.fields(FIELDS | {"credential": dict}, ("name", "url", "type"))
    name, credential = given.pop("name"), given.pop("credential", {})
    if len(name) > LONGEST_NAME:
        raise bad_request(f"the max length of name is {LONGEST_NAME}")
    attributes = {"insecure": False, "description": "", "ca_certificate": ""} | given
    attributes["credential"] = {field: credential.get(field, "") for field in CREDENTIAL.values()}
    _require_healthy(attributes)
    try:
        time = now()
        id = call.harbor.db.insert("registries", name=name, attributes=encode(attributes), creation_time=time, update_time=time)
    except sqlite3.IntegrityError:
        raise conflict(f"the registry {name} already exists") from None
    call.created(id)


@route("POST", "/registries/ping")
def ping_registry(call: Call) -> None:
    """Try whether a registry answers: one by its id, with other settings over its own, or one that is not there yet."""
    call.system("registry", "read")
    given = call.fields(FIELDS | dict.fromkeys(CREDENTIAL, str) | {"id": int})
    if given.get("id"):
        call.path["id"] = str(given["id"])
        attributes = json.loads(call.row("registries", "id", "registry")["attributes"])
    else:
        attributes = {"url": "", "type": "", "insecure": False, "credential": {}}
    _require_healthy(_changed(attributes, given))


@route("GET", "/registries/{id}")
def get_registry(call: Call) -> Any:
    """Show a registry."""
    call.system("registry", "read")
    return _live(call.row("registries", "id", "registry"))


@route("PUT", "/registries/{id}")
def update_registry(call: Call) -> None:
    """Change a registry, which has to answer afterwards."""
    call.system("registry", "update")
    row = call.row("registries", "id", "registry")
    given = call.fields(FIELDS | dict.fromkeys(CREDENTIAL, str))
    attributes = _changed(json.loads(row["attributes"]), given)
    _require_healthy(attributes)
    try:
        name = given.get("name", row["name"])
        call.harbor.db.update("registries", row["id"], name=name, attributes=encode(attributes), update_time=now())
    except sqlite3.IntegrityError:
        raise conflict(f"the registry {given['name']} already exists") from None


@route("DELETE", "/registries/{id}")
def delete_registry(call: Call) -> None:
    """Delete a registry that no project needs."""
    call.system("registry", "delete")
    row = call.row("registries", "id", "registry")
    with call.harbor.db.transaction():
        if call.harbor.db.one("SELECT 1 FROM projects WHERE registry_id = ?", row["id"]):
            raise precondition(f"the registry {row['name']} is referenced by proxy cache projects")
        call.harbor.db.execute("DELETE FROM registries WHERE id = ?", row["id"])


@route("GET", "/registries/{id}/info")
def registry_info(call: Call) -> Any:
    """Show what can be done with a registry."""
    call.system("registry", "read")
    kind = json.loads(call.row("registries", "id", "registry")["attributes"])["type"]
    return {
        "type": kind, "description": "", "supported_copy_by_chunk": False, "supported_triggers": ["manual", "scheduled"],
        "supported_resource_filters": [{"type": "name", "style": "input"}, {"type": "tag", "style": "input"}],
    }  # fmt: skip


def _live(row: Row) -> dict[str, Any]:
    return shown(row) | {"status": "healthy" if Upstream(json.loads(row["attributes"])).healthy() else "unhealthy"}


def _changed(attributes: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    credential = {CREDENTIAL[name]: value for name, value in given.items() if name in CREDENTIAL and value != HIDDEN}
    changes = {name: value for name, value in given.items() if name in FIELDS and name != "name"}
    return attributes | changes | {"credential": attributes["credential"] | credential}


def _require_healthy(attributes: dict[str, Any]) -> None:
    if not attributes["url"].startswith(("http://", "https://")):
        raise bad_request(f"invalid URL: {attributes['url']!r}, expected one of http or https")
    if not Upstream(attributes).healthy():
        raise bad_request("the registry is unhealthy")
