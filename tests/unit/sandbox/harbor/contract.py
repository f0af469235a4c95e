"""The part of Harbor's API description that the stand-in serves, cut out of the whole document.

`python tests/unit/sandbox/harbor/contract.py SWAGGER.yaml` writes contract.yaml anew, from the repository's root; `omitted` is kept.
"""

import sys
from pathlib import Path
from typing import Any

import yaml

import sandbox.services.harbor.routes  # noqa: F401  (registers the routes)
from sandbox.services.harbor.router import ROUTES

FILE = Path(__file__).with_name("contract.yaml")
WHOLE = Path(__file__).parents[5] / "shared" / "contracts" / "harbor" / "swagger-v2.15.2.yaml"
NOTICE = """\
# Cut out of Harbor's API description (api/v2.0/swagger.yaml, tag v2.15.2) by contract.py: the operations that the stand-in serves with the
# kinds of their bodies and answers, and the fields of these with their types. `omitted`, which is ours: documented fields not served.
# Author: the Harbor authors (Project Harbor). Licence of this file: Apache-2.0, http://www.apache.org/licenses/LICENSE-2.0
"""
KEPT = ("type", "items", "$ref", "additionalProperties", "properties")


def load(file: Path) -> Any:
    """Return the content of the YAML `file`."""
    return yaml.load(file.read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def served() -> set[tuple[str, str]]:
    """Return (method, path as Harbor's document writes it) of every route."""
    return {(route.method, route.path) for route in ROUTES}


def extract(document: Any) -> dict[str, Any]:
    """Return `operations` ("METHOD path" to `body` and `answers` by status) and the `definitions` that they name."""
    operations: dict[str, Any] = {}
    for method, path in sorted(served(), key=lambda each: (each[1], each[0])):
        operation = document["paths"].get(path, {}).get(method.lower())
        if operation:
            bodies = [each["schema"] for each in operation.get("parameters", []) if each.get("in") == "body"]
            answers = {str(code): _schema(answer.get("schema")) for code, answer in operation["responses"].items()}
            operations[f"{method} {path}"] = {"body": _schema(bodies[0] if bodies else None), "answers": dict(sorted(answers.items()))}
    needed, waiting = {"Errors"}, ["Errors", *_names(operations)]
    while waiting:
        name = waiting.pop()
        needed.add(name)
        waiting += [each for each in _names(_schema(document["definitions"][name])) if each not in needed]
    return {"operations": operations, "definitions": {name: _schema(document["definitions"][name]) for name in sorted(needed)}}


def problems(value: Any, schema: Any, definitions: Any, at: str) -> list[str]:
    """Say where `value` is not what `schema` says: fields that Harbor has not, and values of other types. Null fits everywhere."""
    if value is None or not schema:
        return []
    if "$ref" in schema:
        return problems(value, definitions[schema["$ref"]], definitions, schema["$ref"])
    kind, more = schema.get("type", "object"), schema.get("additionalProperties")
    types: dict[str, Any] = {"integer": int, "number": (int, float), "boolean": bool, "string": str, "array": list, "object": object}
    if not isinstance(value, types[kind]) or (kind == "integer" and isinstance(value, bool)):
        return [f"{at} is {value!r}, documented as {kind}"]
    if kind == "array":
        return [problem for each in value for problem in problems(each, schema.get("items"), definitions, f"{at}[]")]
    if "properties" in schema:
        found = [f"{at}.{name} is not documented" for name in value if name not in schema["properties"] and not more]
        fields = [(name, each) for name, each in schema["properties"].items() if name in value]
        return found + [problem for name, each in fields for problem in problems(value[name], each, definitions, f"{at}.{name}")]
    if isinstance(more, dict) and isinstance(value, dict) and more.get("type") != "object":
        return [problem for name, each in value.items() for problem in problems(each, more, definitions, f"{at}.{name}")]
    return []


def _schema(schema: Any) -> Any:
    """The form of a value alone, without texts and examples."""
    if not isinstance(schema, dict):
        return schema if isinstance(schema, bool) else {}
    found = {name: schema[name] for name in KEPT if name in schema}
    if "$ref" in found:
        return {"$ref": found["$ref"].rsplit("/", 1)[-1]}
    for name in ("items", "additionalProperties"):
        if name in found:
            found[name] = _schema(found[name])
    if "properties" in found:
        found["properties"] = {name: _schema(each) for name, each in found["properties"].items()}
    return found


def _names(tree: Any) -> list[str]:
    if isinstance(tree, dict):
        return [tree["$ref"]] if isinstance(tree.get("$ref"), str) else [name for each in tree.values() for name in _names(each)]
    return [name for each in tree for name in _names(each)] if isinstance(tree, list) else []


if __name__ == "__main__":
    content = extract(load(Path(sys.argv[1]))) | {"omitted": load(FILE)["omitted"] if FILE.exists() else {}}
    FILE.write_text(NOTICE + yaml.safe_dump(content, sort_keys=False, width=140))
