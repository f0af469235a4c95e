"""The part of GitLab's API description that the stand-in serves, cut out of the whole document.

`python tests/unit/sandbox/gitlab/contract.py OPENAPI.yaml` writes contract.yaml anew, from the repository's root; `omitted` is kept.
"""

import re
import sys
from pathlib import Path
from typing import Any

import yaml

import sandbox.services.gitlab.routes  # noqa: F401  (registers the routes)
from sandbox.services.gitlab.router import PREFIX, ROUTES

FILE = Path(__file__).with_name("contract.yaml")
WHOLE = Path(__file__).parents[5] / "shared" / "contracts" / "gitlab" / "openapi.yaml"
NOTICE = """\
# Cut out of GitLab's API description (doc/api/openapi/openapi_v2.yaml, about GitLab 18.4) by contract.py: the operations that the stand-in
# serves with their answers, and the fields of these answers with their types. `omitted`, which is ours: documented fields not served.
# Author: GitLab. Licence of this file: CC BY-SA 4.0, https://creativecommons.org/licenses/by-sa/4.0/
"""


def served() -> set[tuple[str, str]]:
    """Return (method, path as GitLab's document writes it) of every route."""
    return {(route.method, PREFIX + path) for route in ROUTES for path in _spelled_out(route.path)}


def load(file: Path) -> Any:
    """Return the content of the YAML `file`."""
    return yaml.load(file.read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def extract(document: Any) -> dict[str, Any]:
    """Return `operations` ("METHOD path" to status to definition, with [] for a list) and `definitions` (name to field to type)."""
    operations: dict[str, dict[str, str]] = {}
    for method, path in sorted(served(), key=lambda each: (each[1], each[0])):
        operation = document["paths"].get(path, {}).get(method.lower())
        if operation:
            answers = {str(code): _schema(answer.get("schema")) for code, answer in operation["responses"].items()}
            operations[f"{method} {path}"] = dict(sorted(answers.items()))
    names = {name.removesuffix("[]") for answers in operations.values() for name in answers.values()} - {""}
    fields = {name: document["definitions"][name]["properties"] for name in sorted(names)}
    definitions = {name: {field: _type(form) for field, form in each.items()} for name, each in fields.items()}
    return {"operations": operations, "definitions": definitions}


def _spelled_out(path: str) -> list[str]:
    either = re.search(r"\(\?P<\w+>([\w|]+)\)", path)
    return [each for part in either[1].split("|") for each in _spelled_out(path.replace(either[0], part))] if either else [path]


def _schema(schema: Any) -> str:
    if not schema:
        return ""
    if schema.get("type") == "array":
        return f"{_schema(schema['items'])}[]"
    return str(schema.get("$ref", "")).rsplit("/", 1)[-1]


def _type(form: Any) -> str:
    return str(form.get("type", "object"))


if __name__ == "__main__":
    content = extract(load(Path(sys.argv[1]))) | {"omitted": load(FILE)["omitted"] if FILE.exists() else {}}
    FILE.write_text(NOTICE + yaml.safe_dump(content, sort_keys=False, width=140))
