"""Whatever a client sends, it gets GitLab's 4xx and never a 500."""

import itertools
import json
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sandbox.services.gitlab.routes  # noqa: F401  (registers the routes)
from sandbox.services.gitlab import router
from sandbox.services.gitlab.errors import ApiError
from sandbox.services.gitlab.params import CLEARABLE, LISTS, OBJECTS, parse_params

WRONG: list[Any] = [["x"], [[]], {"a": 1}, 10**30, -1, 1.5, 1e999, True, None, "", "\0", "\ud800", "ü/../x", "--help", [None], [{"a": []}]]
SERVICES = router.__file__.rsplit("/", 1)[0]


@pytest.fixture
def api(server: Any) -> Iterator[httpx.Client]:
    headers = {"PRIVATE-TOKEN": server.client().private_token}
    with httpx.Client(base_url=f"{server.url}/api/v4", headers=headers, timeout=20) as client:
        yield client


def names() -> set[str]:
    """Every parameter that a handler reads, out of the source: none can be forgotten."""
    text = "".join(path.read_text() for path in Path(SERVICES).rglob("*.py"))
    found = re.findall(r'(?:params(?:\.get\(|\[)|boolean\(|integer\(|choice\(|require\(|text\()"([a-z_]+)"', text)
    required = itertools.chain.from_iterable(re.findall(r'"(\w+)"', each) for each in re.findall(r"require\(([^)]*)\)", text))
    return set(found) | set(required) | LISTS | OBJECTS | CLEARABLE


def places(project: Any, group: Any) -> Callable[[router.Route], str]:
    """Return how a route's path is filled in, so that it leads to something that is there."""
    values = {"branch": "main", "name": "main", "sha": "main", "ref": "main", "file_path": "README.md", "tag_name": "v1", "key": "KEY"}

    def filled(route: router.Route) -> str:
        above = group.id if "groups" in route.path else project.id
        path = re.sub(r"\(\?P<kind>[^)]*\)", "projects", route.path)
        return re.sub(r"\{(\w+)\}", lambda part: str(above if part[1] == "id" else values.get(part[1], 1)), path)

    return filled


def test_no_route_breaks_on_parameters_of_the_wrong_type(api: httpx.Client, project: Any, group: Any) -> None:
    project.variables.create({"key": "KEY", "value": "v"})
    project.tags.create({"tag_name": "v1", "ref": "main"})
    fill, every, broken = places(project, group), sorted(names()), []
    # Routes on users and tokens that are in use are tried with ids that nobody has.
    spared = re.compile(r"^/(users|personal_access_tokens)|^/projects/\{id\}$|^/groups/\{id\}$|/(archive|transfer|restore)$")
    for number, route in enumerate(router.ROUTES):
        if route.method == "DELETE" and spared.search(route.path):
            continue
        for wrong in WRONG[number % 2 :: 2]:  # half of them each, for time
            path = re.sub(r"^/users/1\b", "/users/999999", fill(route)) if route.method != "GET" else fill(route)
            if "personal_access_tokens" in path and route.method != "GET":
                continue
            body = json.dumps(dict.fromkeys(every, wrong))
            answer = api.request(route.method, path, content=body, headers={"content-type": "application/json"})
            if answer.status_code >= 500:
                broken.append(f"{route.method} {path} {wrong!r}: {answer.status_code}")
    assert not broken, "\n".join(broken)


def test_each_parameter_is_checked_by_itself(api: httpx.Client, project: Any) -> None:
    """With all wrong at once, the first check hides the others."""
    good: dict[str, dict[str, Any]] = {
        "POST /repository/commits": {"branch": "main", "commit_message": "x", "actions": [{"action": "delete", "file_path": "none"}]},
        "POST /repository/files/x": {"branch": "main", "content": "x", "commit_message": "x", "last_commit_id": "x", "encoding": "text"},
        "POST /protected_branches": {"name": "x", "allowed_to_push": [{"access_level": 40}], "push_access_level": 40},
        "POST /variables": {"key": "K", "value": "x", "environment_scope": "*", "masked": False, "description": "x"},
        "PUT /variables/KEY": {"value": "x", "filter": {"environment_scope": "*"}},
        "POST /access_tokens": {"name": "x", "scopes": ["api"], "access_level": 30, "expires_at": "2099-01-01"},
        "POST /deploy_tokens": {"name": "x", "scopes": ["read_repository"], "username": "x"},
        "POST /hooks": {"url": "http://example.com", "token": "x", "name": "x", "push_events_branch_filter": "x"},
        "POST /members": {"user_id": 1, "access_level": 30, "expires_at": "2099-01-01"},
        "POST /repository/branches": {"branch": "x", "ref": "main"},
        "POST /repository/tags": {"tag_name": "x", "ref": "main", "message": "x"},
        "GET /repository/commits": {"ref_name": "main", "since": "2020-01-01", "path": "x", "author": "x"},
        "GET /repository/tree": {"ref": "main", "path": "x", "recursive": True, "per_page": 3, "page": 1},
        "GET /repository/compare": {"from": "main", "to": "main"},
        "PUT ": {
            "name": "x",
            "topics": ["x"],
            "build_timeout": 600,
            "lfs_enabled": True,
            "default_branch": "main",
            "visibility": "private",
        },
    }
    broken = []
    for operation, parameters in good.items():
        method, path = operation.split(" ")
        for name, wrong in itertools.product(parameters, WRONG[::2]):
            body = json.dumps(parameters | {name: wrong})
            headers = {"content-type": "application/json"}
            answer = api.request(method, f"/projects/{project.id}{path}", content=body, headers=headers)
            if answer.status_code >= 500:
                broken.append(f"{operation} {name}={wrong!r}: {answer.status_code}")
    assert not broken, "\n".join(broken)


def test_an_action_of_the_wrong_type_is_named(api: httpx.Client, project: Any) -> None:
    good = {"action": "create", "file_path": "x", "content": "x"}
    changes: list[dict[str, Any]] = [
        {"file_path": ["x"]},
        {"content": {}},
        {"action": 5},
        {"previous_path": []},
        {"encoding": []},
        {"last_commit_id": {}},
    ]
    for change in changes:
        answer = api.post(
            f"/projects/{project.id}/repository/commits", json={"branch": "main", "commit_message": "x", "actions": [good | change]}
        )
        assert answer.status_code == 400, (change, answer.text)
        assert next(iter(change)) in answer.text


def test_wrong_types_get_gitlabs_words(api: httpx.Client, project: Any) -> None:
    at = f"/projects/{project.id}"
    assert api.post(f"{at}/repository/branches", json={"branch": ["x"], "ref": "main"}).json() == {"error": "branch is invalid"}
    assert api.get(f"{at}/repository/tree", params={"page": "x"}).json() == {"error": "page is invalid"}
    assert api.put(at, json={"visibility": "secret"}).json() == {"error": "visibility does not have a valid value"}
    assert api.put(at, json={"build_timeout": "soon"}).json() == {"error": "build_timeout is invalid"}
    assert api.put(at, json={"lfs_enabled": "perhaps"}).json() == {"error": "lfs_enabled is invalid"}


def test_bodies_are_json_or_a_form(api: httpx.Client, project: Any) -> None:
    url = f"/projects/{project.id}/variables"
    made = api.post(url, data={"key": "FORM", "value": "é"}, files={"avatar": ("a.png", b"\x89PNG")})
    assert (made.status_code, made.json()["value"]) == (201, "é")
    assert api.post(url, content=b"{", headers={"content-type": "application/json"}).status_code == 400
    assert api.post(url, content=b"[1]", headers={"content-type": "application/json"}).status_code == 400
    assert api.post(url, content=b"[" * 100_000, headers={"content-type": "application/json"}).status_code == 400
    assert api.post(url, content=b"<x/>", headers={"content-type": "text/xml"}).status_code == 415
    assert api.post(url, content=b"x", headers={"content-type": "multipart/form-data"}).status_code == 400


def test_a_body_over_the_limit_is_refused_before_it_is_sent(server: Any, project: Any) -> None:
    head = f"POST /api/v4/projects/{project.id}/variables HTTP/1.1\r\nHost: x\r\nContent-Length: {router.BODY_LIMIT + 1}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=6)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.text() | st.sampled_from(sorted(LISTS | OBJECTS)), values, max_size=4))
def test_parameters_are_text_lists_and_objects_where_meant(params: dict[str, Any]) -> None:
    try:
        parsed = parse_params("", "application/json", json.dumps(params).encode())
    except ApiError:
        return
    for name, value in parsed.items():
        assert value is None or isinstance(value, str) or name in (LISTS if isinstance(value, list) else OBJECTS)


@settings(max_examples=200, deadline=None)
@given(st.binary(), st.sampled_from(["multipart/form-data; boundary=x", "multipart/form-data", "application/x-www-form-urlencoded"]))
def test_any_form_is_read_or_refused(body: bytes, kind: str) -> None:
    try:
        parsed = parse_params("", kind, body)
    except ApiError:
        return
    assert all(isinstance(value, str | list) for value in parsed.values())
