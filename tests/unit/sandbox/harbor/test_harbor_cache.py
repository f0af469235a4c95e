"""Projects that are a cache of another registry."""

import signal
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.unit.sandbox.harbor.conftest import PASSWORD, Server
from tests.unit.sandbox.harbor.images import INDEX, Image, digest, image, index, layer
from tests.unit.sandbox.processes import wait_until


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Another Harbor."""
    upstream = Server(tmp_path_factory.mktemp("upstream") / "server")
    upstream.start()
    yield upstream
    upstream.stop(signal.SIGKILL)


def register(server: Any, url: str, **fields: Any) -> Any:
    body = {"name": f"up-{uuid4().hex[:8]}", "url": url, "type": "docker-registry", **fields}
    return server.call("POST", "/registries", json=body)


def cached(server: Any, upstream: Server, **fields: Any) -> str:
    made = register(server, upstream.url, **fields)
    assert made.status_code == 201, made.text
    return str(server.project(registry_id=int(made.headers["location"].rpartition("/")[2]), metadata={"public": "true"}))


def test_what_is_missing_is_fetched_and_kept(server: Any, own_server: Server) -> None:
    upstream = own_server
    assert upstream.client().push("library/base/python", "3", image("python")).status_code == 201
    project = cached(server, upstream)
    name, client = f"{project}/library/base/python", server.client(auth=None)
    assert client.manifest(name, "3").content == image("python").manifest
    assert client.blob(name, digest(image("python").layers[0])).content == image("python").layers[0]
    assert client.manifest(name, "4").status_code == 404
    assert client.blob(name, f"sha256:{'0' * 64}").status_code == 404
    upstream.client().push("library/base/python", "3", image("newer"))
    assert client.manifest(name, "3").content == image("newer").manifest
    upstream.stop(signal.SIGKILL)
    assert client.manifest(name, "3").content == image("newer").manifest, "the registry behind it is down"
    assert client.manifest(name, image("python").digest).content == image("python").manifest
    assert client.blob(name, digest(image("python").layers[0])).status_code == 200
    found = server.call("GET", f"/projects/{project}/repositories/library%252Fbase%252Fpython/artifacts?with_tag=true").json()
    assert {each["digest"] for each in found} == {image("python").digest, image("newer").digest}


def test_a_list_is_whole_though_one_image_was_asked_for(server: Any, upstream: Server) -> None:
    there, images = upstream.client(), (image("amd"), image("arm"))
    for each in images:
        there.push("library/multi", each.digest, each)
    there.push_manifest("library/multi", "v1", index(*images), INDEX)
    project = cached(server, upstream)
    client = server.client()
    assert client.manifest(f"{project}/library/multi", "v1").content == index(*images)
    assert client.manifest(f"{project}/library/multi", images[0].digest).content == images[0].manifest
    found = server.call("GET", f"/projects/{project}/repositories/library%252Fmulti/artifacts").json()
    assert [each["digest"] for each in found] == [digest(index(*images))]


def test_a_private_registry_takes_credentials(server: Any, upstream: Server) -> None:
    private = upstream.project()
    upstream.client().push(f"{private}/web", "v1", image("private"))
    assert server.client().manifest(f"{cached(server, upstream)}/{private}/web", "v1").status_code == 404
    robot = upstream.robot(private, "repository:pull")
    credential = {"type": "basic", "access_key": robot[0], "access_secret": robot[1]}
    project = cached(server, upstream, credential=credential)
    assert server.client().manifest(f"{project}/{private}/web", "v1").status_code == 200


def test_nothing_is_pushed_to_a_cache(server: Any, upstream: Server) -> None:
    project = cached(server, upstream)
    client = server.client()
    refused = client.push(f"{project}/web", "v1", image())
    assert refused.status_code == 405
    assert refused.json()["errors"][0]["message"] == f"can not push artifact to a proxy project: {project}"
    assert client.push_manifest(f"{project}/web", "v1", image().manifest).status_code == 405


def test_registries_answer_and_are_kept_while_needed(server: Any, upstream: Server) -> None:
    assert register(server, "http://127.0.0.1:9").status_code == 400
    assert register(server, "ftp://127.0.0.1").status_code == 400
    wrong = {"type": "basic", "access_key": "admin", "access_secret": "wrong"}
    assert register(server, upstream.url, credential=wrong).status_code == 400
    made = register(server, upstream.url, credential=wrong | {"access_secret": PASSWORD})
    path = made.headers["location"].removeprefix("/api/v2.0")
    shown = server.call("GET", path).json()
    assert (shown["status"], shown["credential"]["access_secret"]) == ("healthy", "*****")
    assert register(server, upstream.url, name=shown["name"]).status_code == 409
    assert server.call("POST", "/registries/ping", json={"id": shown["id"]}).status_code == 200
    assert server.call("POST", "/registries/ping", json={"url": "http://127.0.0.1:9", "type": "harbor"}).status_code == 400
    assert server.call("PUT", path, json={"description": "the one"}).status_code == 200
    assert server.call("GET", path).json()["description"] == "the one"
    project = server.project(registry_id=shown["id"])
    assert server.call("DELETE", path).status_code == 412
    assert server.call("DELETE", f"/projects/{project}").status_code == 200
    assert server.call("DELETE", path).status_code == 200
    assert server.call("POST", "/projects", json={"project_name": project, "registry_id": shown["id"]}).status_code == 404


def test_a_cached_image_is_scanned(server: Any, upstream: Server) -> None:
    status = "Package: slipway-demo-lib\nStatus: install ok installed\nVersion: 1.0-1\n"
    upstream.client().push("library/debian", "12", Image([layer({"var/lib/dpkg/status": status})]))
    project = cached(server, upstream)
    assert server.client().manifest(f"{project}/library/debian", "12").status_code == 200
    at = f"/projects/{project}/repositories/library%252Fdebian/artifacts/12"
    assert server.call("POST", f"{at}/scan").status_code == 202

    def done() -> bool:
        overview = server.call("GET", f"{at}?with_scan_overview=true").json()["scan_overview"]
        return all(each["scan_status"] == "Success" and each["severity"] == "Critical" for each in overview.values())

    wait_until(done, "the cached image is scanned")
