"""What robots may and may not do."""

import sqlite3
from typing import Any

import pytest

from tests.unit.sandbox.harbor.images import image

PULL = ("repository:pull",)
PUSH = (*PULL, "repository:push")
ROBOT = {"level": "system", "duration": -1}


def permissions(project: str, resource: str = "repository", action: str = "pull") -> list[dict[str, Any]]:
    return [{"kind": "project", "namespace": project, "access": [{"resource": resource, "action": action}]}]


def test_a_robot_that_pulls_cannot_push_or_look_elsewhere(server: Any, project: str) -> None:
    other, admin = server.project(), server.client()
    for name in (project, other):
        assert admin.push(f"{name}/web", "v1", image()).status_code == 201
    robot = server.robot(project, *PULL)
    client = server.client(robot)
    assert client.manifest(f"{project}/web", "v1").status_code == 200
    assert client.manifest(f"{other}/web", "v1").status_code == 401
    assert client.push(f"{project}/web", "v2", image("mine")).status_code == 401
    assert server.call("GET", f"/projects/{other}", auth=robot).status_code == 403
    assert server.call("GET", f"/projects/{project}/repositories", auth=robot).status_code == 403
    assert server.call("GET", "/robots", auth=robot).status_code == 403
    assert [each["name"] for each in server.call("GET", "/projects?page_size=100", auth=robot).json() if "team" in each["name"]
            and each["metadata"]["public"] == "false"] == [project]  # fmt: skip


def test_a_robot_that_pushes_stays_in_its_project(server: Any, project: str) -> None:
    other = server.project()
    client = server.client(server.robot(project, *PUSH))
    assert client.push(f"{project}/web", "v1", image()).status_code == 201
    assert client.push(f"{other}/web", "v1", image()).status_code == 401
    mounted = client.send("POST", f"/v2/{project}/web/blobs/uploads/?mount={image().digest}&from={other}/web")
    assert mounted.status_code in (202, 401), "a blob of another project is not given away"
    assert client.send("DELETE", f"/v2/{project}/web/manifests/{image().digest}").status_code == 401


def test_rights_of_the_api_are_asked_one_by_one(server: Any, project: str) -> None:
    server.client().push(f"{project}/web", "v1", image())
    at = f"/projects/{project}/repositories/web/artifacts"
    robot = server.robot(project, "artifact:read", "tag:create")
    assert server.call("GET", f"{at}/v1", auth=robot).status_code == 200
    assert server.call("GET", at, auth=robot).status_code == 403
    assert server.call("POST", f"{at}/v1/tags", json={"name": "v2"}, auth=robot).status_code == 201
    assert server.call("DELETE", f"{at}/v1/tags/v2", auth=robot).status_code == 403
    assert server.call("POST", f"{at}/v1/scan", auth=robot).status_code == 403


def test_the_names_of_robots(server: Any, project: str) -> None:
    name, secret = server.robot(project, *PULL, name="builder", level="project")
    assert name == f"robot${project}+builder"
    assert server.call("GET", "/users/current", auth=(name, secret)).status_code == 412
    body = {"name": "builder", "level": "project", "duration": -1, "permissions": permissions(project)}
    assert server.call("POST", "/robots", json=body).status_code == 409
    assert server.call("POST", "/robots", json=body | {"name": "Builder"}).status_code == 400
    id = server.call("GET", f"/projects/{project}").json()["project_id"]
    listed = server.call("GET", f"/robots?q=Level=project,ProjectID={id}").json()
    assert [each["name"] for each in listed] == [name]
    assert server.call("GET", "/robots?q=Level=project").status_code == 400


@pytest.mark.parametrize(
    "change",
    [
        {"duration": 0.5},
        {"duration": -2},
        {"duration": 0},
        {"level": "galaxy"},
        {"name": 5},
        {"permissions": []},
        {"permissions": [None]},
        {"permissions": permissions("library", "moon")},
        {"permissions": [{"kind": "project", "namespace": "library", "access": []}]},
        {"level": "project", "permissions": [*permissions("library"), *permissions("library")]},
    ],
)
def test_a_robot_that_makes_no_sense_is_refused(server: Any, change: dict[str, Any]) -> None:
    body = {"name": "odd", "permissions": permissions("library")} | ROBOT | change
    answer = server.call("POST", "/robots", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "BAD_REQUEST")


def test_a_robot_of_a_project_that_is_not_there(server: Any) -> None:
    body = {"name": "lost", "permissions": permissions("nowhere")} | ROBOT
    assert server.call("POST", "/robots", json=body).status_code == 404


def test_a_secret_is_given_or_made(server: Any, project: str) -> None:
    name, first = server.robot(project, "project:read")
    id = next(each["id"] for each in server.call("GET", "/robots?page_size=100").json() if each["name"] == name)

    def works(secret: str) -> bool:
        return bool(server.call("GET", f"/projects/{project}", auth=(name, secret)).status_code == 200)

    assert works(first)
    for weak in ("Short1", "nouppercase1", "NOLOWERCASE1", "NoDigitsHere", "A1" + "a" * 127):
        assert server.call("PATCH", f"/robots/{id}", json={"secret": weak}).status_code == 400
    assert server.call("PATCH", f"/robots/{id}", json={"secret": "Given12345"}).json() == {}
    assert (works(first), works("Given12345")) == (False, True)
    made = server.call("PATCH", f"/robots/{id}", json={}).json()["secret"]
    assert works(made)
    assert "secret" not in server.call("GET", f"/robots/{id}").json()


def test_the_end_of_a_robot_counts_from_its_creation(server: Any, project: str) -> None:
    name, _ = server.robot(project, *PULL, duration=10)
    robot = next(each for each in server.call("GET", "/robots?page_size=100").json() if each["name"] == name)
    assert server.call("PUT", f"/robots/{robot['id']}", json=robot | {"duration": 30}).status_code == 200
    changed = server.call("GET", f"/robots/{robot['id']}").json()
    assert changed["expires_at"] - robot["expires_at"] == 20 * 24 * 3600
    assert server.call("PUT", f"/robots/{robot['id']}", json=robot | {"duration": -1}).status_code == 200
    assert server.call("GET", f"/robots/{robot['id']}").json()["expires_at"] == -1
    assert server.call("PUT", f"/robots/{robot['id']}", json=robot | {"name": "robot$other"}).status_code == 400


@pytest.mark.parametrize("change", ["disabled = 1", "expires_at = 1"])
def test_a_robot_that_is_disabled_or_expired_is_refused_everywhere(server: Any, project: str, change: str) -> None:
    server.client().push(f"{project}/web", "v1", image())
    robot = server.robot(project, "repository:pull", "repository:list")
    client = server.client(robot)
    assert client.manifest(f"{project}/web", "v1").status_code == 200
    with sqlite3.connect(server.directory / "data/harbor.sqlite") as database:
        database.execute(f"UPDATE robots SET {change} WHERE name = ?", [robot[0].removeprefix("robot$")])
    database.close()
    assert client.manifest(f"{project}/web", "v1").status_code == 401, "its token was made before"
    assert server.client(robot).manifest(f"{project}/web", "v1").status_code == 401
    assert server.call("GET", f"/projects/{project}/repositories", auth=robot).status_code == 401
    assert server.call("GET", "/projects", auth=robot).status_code == 401


def test_a_new_project_of_an_old_name_is_not_the_robots(server: Any, project: str) -> None:
    robot = server.robot(project, "project:read")
    assert server.call("DELETE", f"/projects/{project}").status_code == 200
    assert server.call("POST", "/projects", json={"project_name": project}).status_code == 201
    assert server.call("GET", f"/projects/{project}", auth=robot).status_code == 403
