"""Projects, configuration and lists, as the maintained client `harborapi` and plain HTTP see them."""

import json
from typing import Any
from uuid import uuid4

import pytest
from harborapi import HarborClient
from harborapi.exceptions import Conflict, NotFound, PreconditionFailed, Unauthorized
from harborapi.models import (
    Access,
    Configurations,
    ProjectMetadata,
    ProjectReq,
    RobotCreate,
    RobotPermission,
    Tag,
)

from tests.unit.sandbox.harbor.conftest import PASSWORD
from tests.unit.sandbox.harbor.images import image
from tests.unit.sandbox.processes import wait_until

# The client's own, under a newer pydantic.
pytestmark = pytest.mark.filterwarnings("ignore:Accessing the 'model_fields' attribute")


@pytest.fixture(scope="module")
def harbor(server: Any) -> Any:
    """Harbor's client; it is typed as the asynchronous one below it, hence Any."""
    return client(server, "admin", PASSWORD)


def client(server: Any, name: str, secret: str) -> Any:
    return HarborClient(url=server.api, username=name, secret=secret)


def test_a_project_from_its_beginning_to_its_end(harbor: Any, server: Any) -> None:
    name = f"shop-{uuid4().hex[:8]}"
    wanted = ProjectReq(project_name=name, metadata=ProjectMetadata(public="false", auto_scan="true", severity="high"))
    location = harbor.create_project(wanted)
    project = harbor.get_project(name)
    assert location == f"/api/v2.0/projects/{name}", "the client asks for the name"
    assert project.metadata
    assert (project.metadata.auto_scan, project.metadata.severity) == ("true", "high")
    with pytest.raises(Conflict):
        harbor.create_project(wanted)
    harbor.update_project(name, ProjectReq(metadata=ProjectMetadata(public="true")))
    changed = harbor.get_project(name).metadata
    assert changed
    assert (changed.public, changed.auto_scan) == ("true", "true")
    assert harbor.project_exists(name)
    assert harbor.get_project(project.project_id or 0).name == name
    server.client().push(f"{name}/a/b", "v1", image())
    with pytest.raises(PreconditionFailed):
        harbor.delete_project(name)
    harbor.delete_repository(name, "a/b")
    harbor.delete_project(name)
    with pytest.raises(NotFound):
        harbor.get_project(name)


def test_a_release_as_a_pipeline_makes_one(harbor: Any, server: Any, project: str) -> None:
    access = [Access(resource=resource, action=action) for resource, action in (
        ("repository", "pull"), ("repository", "push"), ("artifact", "read"), ("artifact", "list"), ("artifact-addition", "read"),
        ("scan", "create"), ("scan", "read"), ("tag", "create"), ("tag", "list"),
    )]  # fmt: skip
    permissions = [RobotPermission(kind="project", namespace=project, access=access)]
    made = harbor.create_robot(RobotCreate(name=f"ci-{project}", level="system", duration=30, permissions=permissions))
    assert made.name
    assert made.secret
    harbor.refresh_robot_secret(made.id or 0, "Given12345")
    bot = client(server, made.name, "Given12345")
    assert server.client((made.name, "Given12345")).push(f"{project}/user/app", "build-1", image()).status_code == 201
    bot.scan_artifact(project, "user/app", "build-1")

    def scanned() -> bool:
        found = bot.get_artifact(project, "user/app", "build-1", with_scan_overview=True).scan_overview
        return bool(found and [each.scan_status for each in found.root.values() if each] == ["Success"])

    wait_until(scanned, "the scan is done")
    reports = bot.get_artifact_vulnerability_reports(project, "user/app", "build-1")
    assert [report.vulnerabilities for report in reports.values()] == [[]]
    bot.create_artifact_tag(project, "user/app", "build-1", Tag(name="v1"))
    listed = bot.get_artifacts(project, "user/app")
    assert [sorted(tag.name or "" for tag in each.tags or []) for each in listed] == [["build-1", "v1"]]
    harbor.delete_robot(made.id or 0)
    with pytest.raises(Unauthorized):
        bot.get_artifacts(project, "user/app")


def test_the_client_reads_what_there_is(harbor: Any, server: Any) -> None:
    assert harbor.health_check().status == "healthy"
    assert (harbor.get_system_info().harbor_version or "").startswith("v2.15.1")
    assert harbor.get_current_user().username == "admin"
    assert harbor.get_config().robot_name_prefix
    assert [quota for quota in harbor.get_quotas() if quota.hard]
    assert harbor.get_project_scanner("library").name == "Trivy"
    assert harbor.get_project("library").project_id == 1
    assert harbor.get_project_metadata("library").public == "true"


def test_the_configuration_is_changed(own_server: Any) -> None:
    own_harbor = client(own_server, "admin", PASSWORD)
    own_harbor.update_config(Configurations(robot_name_prefix="bot-", project_creation_restriction="adminonly", storage_per_project=1000))
    project = own_server.project()
    assert own_server.robot(project, "repository:pull")[0].startswith("bot-")
    assert own_server.call("GET", f"/projects/{project}/summary").json()["quota"]["hard"] == {"storage": 1000}
    assert own_server.call("PUT", "/configurations", json={"project_creation_restriction": "nobody"}).status_code == 400
    assert own_server.call("GET", "/configurations", auth=None).status_code == 401


@pytest.mark.parametrize("name", ["", "Upper", "a..b", "-a", "a b", "a/b", "x" * 256, 5, None, "\ud800"])
def test_names_that_no_project_can_have(server: Any, name: Any) -> None:
    assert server.call("POST", "/projects", content=json.dumps({"project_name": name})).status_code == 400


@pytest.mark.parametrize(
    "body",
    [{"metadata": {"public": "perhaps"}}, {"metadata": {"severity": "awful"}}, {"storage_limit": -2}, {"metadata": []},
     {"metadata": {"retention_id": "1"}}, {"registry_id": "1"}, {"cve_allowlist": {"items": [1]}}],
)  # fmt: skip
def test_settings_that_make_no_sense(server: Any, body: dict[str, Any]) -> None:
    assert server.call("POST", "/projects", json={"project_name": f"odd-{uuid4().hex[:8]}"} | body).status_code == 400


def test_a_number_is_a_name_only_if_said_so(server: Any) -> None:
    number = str(uuid4().int)[:9]
    made = server.call("POST", "/projects", json={"project_name": number}, headers={"X-Resource-Name-In-Location": "true"})
    assert made.headers["location"] == f"/api/v2.0/projects/{number}"
    assert server.call("GET", f"/projects/{number}").status_code == 404
    assert server.call("GET", f"/projects/{number}", headers={"X-Is-Resource-Name": "true"}).json()["name"] == number


def test_metadata_one_by_one(server: Any, project: str) -> None:
    at = f"/projects/{project}/metadatas/"
    assert server.call("GET", at).json() == {"public": "false"}
    assert server.call("POST", at, json={"auto_scan": "true"}).status_code == 200
    assert server.call("POST", at, json={"auto_scan": "true"}).status_code == 409
    assert server.call("PUT", f"{at}auto_scan", json={"auto_scan": "false"}).status_code == 200
    assert server.call("GET", f"{at}auto_scan").json() == {"auto_scan": "false"}
    assert server.call("DELETE", f"{at}auto_scan").status_code == 200
    assert server.call("GET", f"{at}auto_scan").status_code == 404


def test_lists_have_filters_an_order_and_pages(server: Any) -> None:
    mark = uuid4().hex[:8]
    names = [f"{mark}-{number}" for number in range(5)]
    for name in names:
        assert server.call("POST", "/projects", json={"project_name": name, "metadata": {"public": str(name[-1] == "0").lower()}})

    def listed(**query: Any) -> list[str]:
        return [each["name"] for each in server.call("GET", "/projects", params=query).json()]

    assert listed(q=f"name=~{mark}") == names
    assert listed(q=f"name={names[1]}") == [names[1]]
    assert listed(q=f"name={{{names[1]},{names[3]}}}") == [names[1], names[3]]
    assert listed(q=f"name=~{mark},public=true") == listed(name=mark, public="true") == [names[0]]
    assert listed(q=f"name=~{mark}", sort="-name") == names[::-1]
    answer = server.call("GET", "/projects", params={"q": f"name=~{mark}", "page": 2, "page_size": 2})
    assert [each["name"] for each in answer.json()] == names[2:4]
    assert answer.headers["x-total-count"] == "5"
    assert answer.links["prev"]["url"].startswith("/api/v2.0/projects?")
    following = server.call("GET", answer.links["next"]["url"].removeprefix("/api/v2.0"))
    assert [each["name"] for each in following.json()] == names[4:]
    for query in ({"page_size": 101}, {"page": 0}, {"page": "x"}):
        assert server.call("GET", "/projects", params=query).status_code == 422
    assert server.call("GET", "/projects", params={"q": "name"}).status_code == 400


def test_who_is_not_logged_in_sees_what_is_public(server: Any, project: str) -> None:
    assert project not in [each["name"] for each in server.call("GET", "/projects?page_size=100", auth=None).json()]
    assert server.call("GET", "/projects/library", auth=None).status_code == 200
    for method, path in (("GET", f"/projects/{project}"), ("GET", "/projects/nowhere"), ("POST", "/projects"), ("GET", "/robots"),
                         ("GET", "/statistics"), ("GET", "/registries"), ("HEAD", "/projects?project_name=library")):  # fmt: skip
        assert server.call(method, path, auth=None).status_code == 401, path
    assert server.call("GET", "/projects", auth=("admin", "wrong")).status_code == 401
    assert server.call("GET", "/health", auth=("admin", "wrong")).status_code == 200


def test_bodies_and_paths_that_nobody_should_send(server: Any) -> None:
    for body in (b"{", b"[]", b"5", b'"x"', b"\xff", b"[" * 100000):
        assert server.call("POST", "/projects", content=body).status_code == 400, body[:10]
    assert server.call("PUT", "/health").status_code == 405
    assert server.call("GET", "/robots/x").status_code == 400
    assert server.call("GET", "/nothing/here").status_code == 404


def test_the_page_tells_nothing_of_private_repositories(server: Any, project: str) -> None:
    pusher = server.client()
    pusher.push(f"{project}/hidden", "v1", image())
    pusher.push("library/shown", "v1", image())
    page = pusher.http.get("/").text
    assert project in page
    assert "library/shown" in page
    assert f"{project}/hidden" not in page
