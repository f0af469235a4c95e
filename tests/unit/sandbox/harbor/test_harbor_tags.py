"""Tags: made, deleted, kept from moving; copies; retention."""

from typing import Any

import pytest

from tests.unit.sandbox.harbor.images import image


def rule(tags: str, repositories: str = "**", decoration: str = "matches") -> dict[str, Any]:
    return {
        "action": "immutable", "template": "immutable_template", "disabled": False,
        "tag_selectors": [{"kind": "doublestar", "decoration": decoration, "pattern": tags}],
        "scope_selectors": {"repository": [{"kind": "doublestar", "decoration": "repoMatches", "pattern": repositories}]},
    }  # fmt: skip


@pytest.fixture
def pushed(server: Any, project: str) -> str:
    """The API's path of the artifacts of a repository with the tag v1."""
    assert server.client().push(f"{project}/web", "v1", image("one")).status_code == 201
    return f"/projects/{project}/repositories/web/artifacts"


def names(server: Any, at: str) -> dict[str, list[str]]:
    listed = server.call("GET", at, params={"page_size": 100}).json()
    return {each["digest"]: [tag["name"] for tag in each["tags"] or []] for each in listed}


def test_tags_are_made_and_deleted(server: Any, pushed: str) -> None:
    assert server.call("POST", f"{pushed}/v1/tags", json={"name": "release"}).status_code == 201
    assert server.call("POST", f"{pushed}/v1/tags", json={"name": "release"}).status_code == 409
    assert server.call("POST", f"{pushed}/v1/tags", json={"name": "not/good"}).status_code == 400
    assert names(server, pushed) == {image("one").digest: ["release", "v1"]}
    assert [each["name"] for each in server.call("GET", f"{pushed}/v1/tags").json()] == ["release", "v1"]
    assert server.call("DELETE", f"{pushed}/v1/tags/release").status_code == 200
    assert server.call("DELETE", f"{pushed}/v1/tags/release").status_code == 404
    assert names(server, pushed) == {image("one").digest: ["v1"]}


def test_a_tag_moves_to_what_is_pushed_last(server: Any, project: str, pushed: str) -> None:
    assert server.client().push(f"{project}/web", "v1", image("two")).status_code == 201
    assert names(server, pushed) == {image("one").digest: [], image("two").digest: ["v1"]}
    assert [each["digest"] for each in server.call("GET", f"{pushed}?q=tags=nil").json()] == [image("one").digest]
    assert [each["digest"] for each in server.call("GET", f"{pushed}?q=tags=v1").json()] == [image("two").digest]


def test_an_immutable_tag_neither_moves_nor_goes(server: Any, project: str, pushed: str) -> None:
    rules = f"/projects/{project}/immutabletagrules"
    made = server.call("POST", rules, json=rule("v*"))
    assert made.status_code == 201
    refused = server.client().push(f"{project}/web", "v1", image("two"))
    assert refused.status_code == 412
    message = "Failed to process request due to 'web:v1' configured as immutable."
    assert refused.json() == {"errors": [{"code": "PRECONDITION", "message": message}]}
    assert server.client().push(f"{project}/web", "latest", image("two")).status_code == 201
    assert server.client().send("DELETE", f"/v2/{project}/web/manifests/{image('one').digest}").status_code == 412
    assert server.call("DELETE", f"{pushed}/v1").status_code == 412
    assert server.call("DELETE", f"{pushed}/v1/tags/v1").status_code == 412
    assert server.call("DELETE", f"/projects/{project}/repositories/web").status_code == 412
    assert server.call("GET", f"{pushed}/v1?with_immutable_status=true").json()["tags"][0]["immutable"] is True
    id = made.headers["location"].rpartition("/")[2]
    assert server.call("PUT", f"{rules}/{id}", json=rule("v*") | {"disabled": True}).status_code == 200
    assert server.client().push(f"{project}/web", "v1", image("two")).status_code == 201
    assert server.call("DELETE", f"{rules}/{id}").status_code == 200
    assert server.call("GET", rules).json() == []


def test_rules_choose_repositories_and_tags(server: Any, project: str) -> None:
    rules = f"/projects/{project}/immutabletagrules"
    assert server.call("POST", rules, json=rule("latest", "apps/**", "excludes")).status_code == 201
    assert server.call("POST", rules, json=rule("latest", "apps/**", "excludes")).status_code == 409
    client = server.client()
    for content, expected in (("a", 201), ("b", 412)):
        assert client.push(f"{project}/apps/web", "v1", image(content)).status_code == expected
        assert client.push(f"{project}/apps/web", "latest", image(content)).status_code == 201
        assert client.push(f"{project}/other", "v1", image(content)).status_code == 201
    for broken in ({}, rule("v*") | {"tag_selectors": []}, rule("v*", decoration="likes"), rule("v*") | {"template": "x"}):
        assert server.call("POST", rules, json=broken).status_code == 400


def test_a_copy_takes_tags_along(server: Any, project: str, pushed: str) -> None:
    other = server.project()
    target = f"/projects/{other}/repositories/copied%252Fweb/artifacts"
    assert server.call("POST", target, params={"from": f"{project}/web:v1"}).status_code == 201
    assert names(server, target) == {image("one").digest: ["v1"]}
    assert server.client().manifest(f"{other}/copied/web", "v1").content == image("one").manifest
    assert server.call("POST", target, params={"from": f"{project}/web:gone"}).status_code == 404
    assert server.call("POST", target, params={"from": "web"}).status_code == 400


def test_retention_deletes_what_no_rule_keeps(server: Any, project: str) -> None:
    client = server.client()
    for number in range(4):
        assert client.push(f"{project}/web", f"v{number}", image(str(number))).status_code == 201
    client.push(f"{project}/other", "v0", image("other"))
    server.call("POST", f"/projects/{project}/immutabletagrules", json=rule("v0"))
    id = server.call("GET", f"/projects/{project}").json()["project_id"]
    keep = rule("**", "web") | {"action": "retain", "template": "latestPushedK", "params": {"latestPushedK": 2}}
    policy = {"algorithm": "or", "rules": [keep], "scope": {"level": "project", "ref": id}, "trigger": {"kind": "Schedule", "settings": {}}}
    made = server.call("POST", "/retentions", json=policy)
    assert made.status_code == 201
    number = made.headers["location"].rpartition("/")[2]
    assert server.call("GET", f"/projects/{project}").json()["metadata"]["retention_id"] == number
    at = f"/projects/{project}/repositories/web/artifacts"
    assert server.call("POST", f"/retentions/{number}/executions", json={"dry_run": True}).status_code == 201
    assert len(names(server, at)) == 4
    run = server.call("POST", f"/retentions/{number}/executions", json={})
    assert sorted(tag for tags in names(server, at).values() for tag in tags) == ["v0", "v2", "v3"]
    assert len(names(server, f"/projects/{project}/repositories/other/artifacts")) == 1
    executions = server.call("GET", f"/retentions/{number}/executions").json()
    assert [(each["status"], each["dry_run"]) for each in executions] == [("Succeed", False), ("Succeed", True)]
    task = server.call("GET", f"{run.headers['location'].removeprefix('/api/v2.0')}/tasks").json()[0]
    assert (task["repository"], task["total"], task["retained"]) == ("web", 4, 3)
    assert server.call("PUT", f"/retentions/{number}", json=policy | {"rules": []}).status_code == 200
    assert server.call("GET", f"/retentions/{number}").json()["rules"] == []
    assert server.call("DELETE", f"/retentions/{number}").status_code == 200
    assert "retention_id" not in server.call("GET", f"/projects/{project}").json()["metadata"]
