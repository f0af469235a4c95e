"""Lists in pages by number and by key, and in the order asked for."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest


@pytest.fixture
def api(server: Any) -> Iterator[httpx.Client]:
    headers = {"PRIVATE-TOKEN": server.client().private_token}
    with httpx.Client(base_url=f"{server.url}/api/v4", headers=headers, timeout=20) as client:
        yield client


@pytest.fixture
def projects(root: Any, group: Any) -> list[int]:
    """The ids of five projects; their names are in another order."""
    return [root.projects.create({"name": name, "namespace_id": group.id}).id for name in "cabed"]


@pytest.mark.parametrize("sort", ["asc", "desc"])
def test_pages_by_key_have_everything_once(group: Any, projects: list[int], api: httpx.Client, sort: str) -> None:
    found = group.projects.list(iterator=True, pagination="keyset", order_by="id", sort=sort, per_page=2)
    assert [each.id for each in found] == sorted(projects, reverse=sort == "desc")


def test_a_page_by_key_goes_on_although_an_earlier_item_is_gone(root: Any, group: Any, projects: list[int], api: httpx.Client) -> None:
    query = {"pagination": "keyset", "order_by": "id", "sort": "asc", "per_page": 2, "private_token": root.private_token}
    first = api.get(f"/groups/{group.id}/projects", params=query)
    assert {"X-Total", "X-Page"}.isdisjoint(name.title() for name in first.headers)
    assert root.private_token not in first.headers["link"]
    root.projects.get(projects[1]).delete()
    assert [each["id"] for each in api.get(first.links["next"]["url"]).json()] == projects[2:4]


def test_a_tree_is_read_by_page_tokens(project: Any) -> None:
    actions = [{"action": "create", "file_path": f"dir/{number}", "content": "the same"} for number in range(5)]
    project.commits.create({"branch": "main", "commit_message": "x", "actions": actions})
    found = project.repository_tree(path="dir", pagination="keyset", per_page=2, iterator=True)
    assert [each["name"] for each in found] == ["0", "1", "2", "3", "4"]


def test_users_are_read_by_cursors(root: Any) -> None:
    names = {
        root.users.create({"username": f"cur-{x}", "name": x, "email": f"{x}@cur.example.com", "password": "x"}).username for x in "abc"
    }
    found = root.users.list(search="@cur.example.com", pagination="keyset", order_by="username", sort="asc", per_page=1, iterator=True)
    assert [each.username for each in found] == sorted(names)


def test_lists_come_in_the_order_asked_for(group: Any, project: Any, projects: list[int]) -> None:
    by_name = [each.name for each in group.projects.list(order_by="name", sort="asc", get_all=True)]
    assert by_name == ["Demo Shop", *"abcde"]
    for name in ("v1.9.0", "v1.10.0", "v1.2.0"):
        project.tags.create({"tag_name": name, "ref": "main"})
    assert [tag.name for tag in project.tags.list(order_by="version", get_all=True)] == ["v1.10.0", "v1.9.0", "v1.2.0"]
    assert [tag.name for tag in project.tags.list(order_by="name", sort="asc", search="^v1.1", get_all=True)] == ["v1.10.0"]


def test_bad_pages_and_orders_are_refused_in_gitlabs_words(api: httpx.Client, project: Any) -> None:
    for query, error in (
        ({"order_by": "colour"}, "order_by does not have a valid value"),
        ({"sort": "up"}, "sort does not have a valid value"),
        ({"pagination": "magic"}, "pagination does not have a valid value"),
        ({"per_page": "0"}, "per_page has a value not allowed"),
        ({"page": "one"}, "page is invalid"),
    ):
        refused = api.get("/projects", params=query)
        assert (refused.status_code, refused.json()) == (400, {"error": error})
    assert api.get("/projects", params={"pagination": "keyset", "order_by": "name"}).status_code == 405
    assert api.get(f"/projects/{project.id}/variables", params={"pagination": "keyset"}).status_code == 405
    assert api.get("/users", params={"pagination": "keyset", "order_by": "id", "cursor": "%%"}).status_code == 400
    assert api.get("/projects", params={"page": 9999}).json() == []
