"""CI/CD variables of projects and groups: https://docs.gitlab.com/api/project_level_variables/."""

import json
import re
from typing import Any

from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import bad_request, not_found
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.sources import EITHER, Source, find_source
from sandbox.services.gitlab.store import Row, encode

VARIABLES = f"{EITHER}/variables"
KEY = re.compile(r"[A-Za-z0-9_]{1,255}")
TYPES = ("env_var", "file")


@route("GET", VARIABLES, paged=True)
def list_variables(call: Call) -> Any:
    """Variables with their values."""
    rows = call.gitlab.db.all("SELECT * FROM variables WHERE source_type = ? AND source_id = ? ORDER BY key", *find_source(call).key)
    return [_shown(row) for row in rows]


@route("POST", VARIABLES, status=201)
def create_variable(call: Call) -> Any:
    """A new variable; a key may exist once in each environment scope."""
    source = find_source(call)
    key, value = call.require("key", "value")
    if not KEY.fullmatch(key):
        raise bad_request({"key": ["can contain only letters, digits and '_'."]})
    scope = call.params.get("environment_scope") or "*"
    hidden = call.boolean("masked_and_hidden")
    attributes = {
        "variable_type": call.choice("variable_type", TYPES, "env_var"), "value": value, "hidden": hidden,
        "protected": call.boolean("protected"), "masked": call.boolean("masked") or hidden, "raw": call.boolean("raw"),
        "description": call.params.get("description"),
    }  # fmt: skip
    with call.gitlab.db.transaction():
        if _row(call, source, key, scope):
            raise bad_request({"key": [f"({key}) has already been taken"]})
        call.gitlab.db.insert(
            "variables", source_type=source.type, source_id=source.id, key=key, environment_scope=scope, attributes=encode(attributes)
        )
    return _shown(_find(call, source, key, scope))


@route("GET", f"{VARIABLES}/{{key}}")
def get_variable(call: Call) -> Any:
    """One variable."""
    return _shown(_find(call, find_source(call), call.path["key"], _scope(call)))


@route("PUT", f"{VARIABLES}/{{key}}")
def update_variable(call: Call) -> Any:
    """Change a variable."""
    source = find_source(call)
    row = _find(call, source, call.path["key"], _scope(call))
    attributes = json.loads(row["attributes"])
    attributes |= {name: call.params[name] for name in ("value", "description") if name in call.params}
    attributes |= {name: call.boolean(name, attributes[name]) for name in ("protected", "masked", "raw")}
    attributes["variable_type"] = call.choice("variable_type", TYPES, attributes["variable_type"])
    where = "source_type = ? AND source_id = ? AND key = ? AND environment_scope = ?"
    place = (*source.key, row["key"], row["environment_scope"])
    call.gitlab.db.execute(f"UPDATE variables SET attributes = ? WHERE {where}", encode(attributes), *place)
    return _shown(_find(call, source, row["key"], row["environment_scope"]))


@route("DELETE", f"{VARIABLES}/{{key}}", status=204)
def delete_variable(call: Call) -> None:
    """Delete a variable."""
    source = find_source(call)
    row = _find(call, source, call.path["key"], _scope(call))
    where = "source_type = ? AND source_id = ? AND key = ? AND environment_scope = ?"
    call.gitlab.db.execute(f"DELETE FROM variables WHERE {where}", *source.key, row["key"], row["environment_scope"])


def _scope(call: Call) -> str:
    given = call.params.get("filter")
    filtered = call.params.get("filter[environment_scope]") or (given.get("environment_scope") if isinstance(given, dict) else None)
    return str(filtered or call.params.get("environment_scope") or "*")


def _row(call: Call, source: Source, key: str, scope: str) -> Row | None:
    sql = "SELECT * FROM variables WHERE source_type = ? AND source_id = ? AND key = ? AND environment_scope = ?"
    return call.gitlab.db.one(sql, *source.key, key, scope)


def _find(call: Call, source: Source, key: str, scope: str) -> Row:
    row = _row(call, source, key, scope)
    if row is None:
        raise not_found(f"{source.type} Variable" if source.type == "Group" else "Variable")
    return row


def _shown(row: Row) -> dict[str, Any]:
    attributes: dict[str, Any] = json.loads(row["attributes"])
    value = None if attributes["hidden"] else attributes["value"]
    return attributes | {"key": row["key"], "value": value, "environment_scope": row["environment_scope"]}
