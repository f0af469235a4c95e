"""The stand-in against Harbor's own API description."""

from typing import Any

import pytest

from sandbox.services.harbor import settings
from sandbox.services.harbor.router import ROUTES
from tests.unit.sandbox.harbor import contract
from tests.unit.sandbox.harbor.images import INDEX, image, index
from tests.unit.sandbox.processes import wait_until

CONTRACT = contract.load(contract.FILE)
TEXT = {"GET /ping", "GET /retentions/{id}/executions/{eid}/tasks/{tid}"}
"""Their answers are plain text."""


def test_the_extract_is_what_the_document_says() -> None:
    if not contract.WHOLE.exists():
        pytest.skip("Harbor's whole document is not beside the repository")
    whole = contract.extract(contract.load(contract.WHOLE))
    assert {"operations": CONTRACT["operations"], "definitions": CONTRACT["definitions"]} == whole


def test_every_route_is_one_of_harbors_with_its_status() -> None:
    assert {f"{method} {path}" for method, path in contract.served()} == set(CONTRACT["operations"])
    for route in ROUTES:
        assert str(route.status) in CONTRACT["operations"][f"{route.method} {route.path}"]["answers"]


def test_the_configuration_is_harbors() -> None:
    documented = CONTRACT["definitions"]["ConfigurationsResponse"]["properties"]
    kinds = {"StringConfigItem": str, "BoolConfigItem": bool, "IntegerConfigItem": int}
    for name, default in settings.DEFAULTS.items():
        assert type(default) is kinds[documented[name]["$ref"]]


@pytest.fixture(scope="module")
def answers(server: Any) -> dict[str, Any]:
    """An answer of every operation that has one."""
    client, found = server.client(), {}
    made = server.call("POST", "/registries", json={"name": "contract", "url": server.url, "type": "harbor"})
    registry = made.headers["location"].rpartition("/")[2]
    project, cache = server.project(storage_limit=1 << 30), server.project(registry_id=int(registry))
    id = server.call("GET", f"/projects/{project}").json()["project_id"]
    images = (image("amd"), image("arm"))
    for each in images:
        client.push(f"{project}/web", each.digest, each)
    client.push_manifest(f"{project}/web", "v1", index(*images), INDEX)
    client.push_manifest(f"{project}/web", "amd", images[0].manifest)
    selectors = {
        "tag_selectors": [{"kind": "doublestar", "decoration": "matches", "pattern": "v*"}],
        "scope_selectors": {"repository": [{"kind": "doublestar", "decoration": "repoMatches", "pattern": "**"}]},
    }
    server.call("POST", f"/projects/{project}/immutabletagrules", json=selectors)
    policy = {"rules": [selectors | {"template": "always"}], "scope": {"level": "project", "ref": id}}
    retention = server.call("POST", "/retentions", json=policy).headers["location"].rpartition("/")[2]
    execution = server.call("POST", f"/retentions/{retention}/executions").headers["location"].rpartition("/")[2]
    task = server.call("GET", f"/retentions/{retention}/executions/{execution}/tasks").json()[0]["id"]
    permission = {"kind": "project", "namespace": project, "access": [{"resource": "repository", "action": "pull"}]}
    body = {"name": "contract", "level": "system", "duration": 30, "permissions": [permission]}
    found["POST /robots"] = server.call("POST", "/robots", json=body).json()
    scanner = server.call("GET", "/scanners").json()[0]["uuid"]
    at = f"/projects/{project}/repositories/web/artifacts/amd"
    server.call("POST", f"{at}/scan")
    wait_until(lambda: bool(server.call("GET", f"{at}/additions/vulnerabilities").json()), "the scan is done")
    overview = server.call("GET", f"{at}?with_scan_overview=true").json()["scan_overview"]
    report = next(iter(overview.values()))["report_id"]
    parts = {
        "project_name_or_id": project, "project_name": project, "repository_name": "web", "reference": "amd", "meta_name": "public",
        "robot_id": found["POST /robots"]["id"], "registration_id": scanner, "report_id": report, "addition": "build_history",
        "eid": execution, "tid": task,
    }  # fmt: skip
    ids = {"/quotas/{id}": id, "/registries/{id}": registry, "/registries/{id}/info": registry}
    for route in ROUTES:
        if route.method == "GET":
            path = route.path.format(**parts, id=ids.get(route.path, retention))
            answer = server.call("GET", path, params={"with_scan_overview": "true", "page_size": "100"})
            assert answer.status_code == 200, (path, answer.text)
            is_json = answer.headers["content-type"].startswith("application/json")
            found[f"GET {route.path}"] = answer.json() if is_json else answer.text
    found["proxy"] = server.call("GET", f"/projects/{cache}/summary").json()
    found["index"] = server.call("GET", at.replace("amd", "v1")).json()
    return found


def test_answers_are_of_the_documented_kinds(answers: dict[str, Any]) -> None:
    for name, answer in answers.items():
        if name in CONTRACT["operations"]:
            documented = CONTRACT["operations"][name]["answers"]
            schema = documented.get("200") or documented.get("201")
            if schema == {"type": "string"} and name not in TEXT:  # documents as text what is JSON of a kind it cannot describe
                continue
            assert contract.problems(answer, schema, CONTRACT["definitions"], name) == []


def test_what_is_documented_is_there(answers: dict[str, Any]) -> None:
    artifact = answers["GET /projects/{project_name}/repositories/{repository_name}/artifacts/{reference}"]
    project = answers["GET /projects/{project_name_or_id}"]
    listed = {
        "Project": next(each for each in answers["GET /projects"] if "registry_id" in each), "ProjectSummary": answers["proxy"],
        "Robot": answers["GET /robots/{robot_id}"], "RobotCreated": answers["POST /robots"], "Artifact": artifact,
        "Tag": artifact["tags"][0], "Repository": answers["GET /repositories"][0], "Quota": answers["GET /quotas/{id}"],
        "NativeReportSummary": next(iter(artifact["scan_overview"].values())), "Registry": answers["GET /registries/{id}"],
        "RetentionPolicy": answers["GET /retentions/{id}"], "RetentionExecution": answers["GET /retentions/{id}/executions"][0],
        "RetentionExecutionTask": answers["GET /retentions/{id}/executions/{eid}/tasks"][0],
        "ScannerRegistration": answers["GET /scanners"][0], "GeneralInfo": answers["GET /systeminfo"],
        "Statistic": answers["GET /statistics"], "UserResp": answers["GET /users/current"], "Reference": answers["index"]["references"][0],
        "ImmutableRule": answers["GET /projects/{project_name_or_id}/immutabletagrules"][0], "CVEAllowlist": project["cve_allowlist"],
        "ProjectMemberEntity": answers["GET /projects/{project_name_or_id}/members"][0],
    }  # fmt: skip
    missing = {name: sorted(set(CONTRACT["definitions"][name]["properties"]) - set(answer)) for name, answer in listed.items()}
    assert {name: fields for name, fields in missing.items() if fields} == CONTRACT["omitted"]


def test_errors_have_the_documented_form(server: Any) -> None:
    for path in ("/projects/nowhere", "/robots/99999", "/nothing", "/projects?page=0"):
        answer = server.call("GET", path)
        assert answer.status_code in (404, 422)
        assert contract.problems(answer.json(), {"$ref": "Errors"}, CONTRACT["definitions"], path) == []
