"""Rules of immutable tags."""

import json
from typing import Any

from sandbox.services.harbor import rules
from sandbox.services.harbor.call import Call
from sandbox.services.harbor.errors import conflict, not_found
from sandbox.services.harbor.router import route
from sandbox.services.harbor.store import Row, encode

PATH = "/projects/{project_name_or_id}/immutabletagrules"
ONE = f"{PATH}/{{immutable_rule_id}}"
TEMPLATES = ("immutable_template",)
SAME = ("tag_selectors", "scope_selectors")


@route("GET", PATH, paged=True)
def list_rules(call: Call) -> Any:
    """List the rules of a project."""
    return [json.loads(row["rule"]) | {"id": row["id"]} for row in _rows(call, call.project("immutable-tag", "list"))]


@route("POST", PATH, status=201)
def create_rule(call: Call) -> None:
    """Add a rule that is not there in the same words."""
    project = call.project("immutable-tag", "create")
    rule = _checked(call)
    with call.harbor.db.transaction():
        _refuse_same(call, project, rule, None)
        call.created(call.harbor.db.insert("immutable_rules", project_id=project["id"], rule=encode(rule)))


@route("PUT", ONE)
def update_rule(call: Call) -> None:
    """Change a rule. Harbor's own page sends only `disabled` along with the whole rule, and so does this one's caller."""
    project = call.project("immutable-tag", "update")
    row = _row(call, project)
    rule = _checked(call)
    with call.harbor.db.transaction():
        _refuse_same(call, project, rule, row["id"])
        call.harbor.db.update("immutable_rules", row["id"], rule=encode(rule))


@route("DELETE", ONE)
def delete_rule(call: Call) -> None:
    """Delete a rule."""
    project = call.project("immutable-tag", "delete")
    call.harbor.db.execute("DELETE FROM immutable_rules WHERE id = ?", _row(call, project)["id"])


def _checked(call: Call) -> dict[str, Any]:
    return rules.checked(call.body, TEMPLATES) | {"action": "immutable"}


def _rows(call: Call, project: Row) -> list[Row]:
    return call.harbor.db.all("SELECT * FROM immutable_rules WHERE project_id = ? ORDER BY id", project["id"])


def _row(call: Call, project: Row) -> Row:
    row = call.row("immutable_rules", "immutable_rule_id", "immutable tag rule")
    if row["project_id"] != project["id"]:
        raise not_found(f"immutable tag rule {row['id']} of project {project['name']}")
    return row


def _refuse_same(call: Call, project: Row, rule: dict[str, Any], but: int | None) -> None:
    for row in _rows(call, project):
        there = json.loads(row["rule"])
        if row["id"] != but and all(there[name] == rule[name] for name in SAME):
            raise conflict("the immutable tag rule already exists")
