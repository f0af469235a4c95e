"""Pushing and pulling through core, with the real registry judging the tokens."""

from typing import Any

import httpx

from tests.unit.sandbox.harbor.conftest import PASSWORD
from tests.unit.sandbox.harbor.images import INDEX, MANIFEST, Image, digest, image, index


def test_the_challenge_names_the_address_that_everybody_uses(server: Any) -> None:
    answer = httpx.get(f"{server.url}/v2/")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == f'Bearer realm="{server.url}/service/token",service="harbor-registry"'
    assert httpx.get(f"{server.url}/v2/", auth=("admin", PASSWORD)).status_code == 200
    assert httpx.get(f"{server.url}/v2/", auth=("admin", "wrong")).status_code == 401
    assert httpx.get(f"{server.url}/service/token", auth=("admin", "wrong")).status_code == 401
    assert httpx.get(f"{server.url}/service/token").status_code == 401


def test_what_is_pushed_is_pulled_and_shown(server: Any, project: str) -> None:
    client, pushed = server.client(), image("first")
    assert client.push(f"{project}/shop/web", "v1", pushed).status_code == 201
    answer = client.manifest(f"{project}/shop/web", "v1")
    assert (answer.content, answer.headers["docker-content-digest"]) == (pushed.manifest, pushed.digest)
    assert client.blob(f"{project}/shop/web", digest(pushed.layers[0])).content == pushed.layers[0]
    for encoded in ("shop%252Fweb", "shop%2Fweb"):
        found = server.call("GET", f"/projects/{project}/repositories/{encoded}/artifacts/v1").json()
        assert found["digest"] == pushed.digest
    assert found["extra_attrs"]["architecture"] == "amd64"
    assert [tag["name"] for tag in found["tags"]] == ["v1"]
    assert found["size"] == len(pushed.manifest) + len(pushed.config_blob) + len(pushed.layers[0])
    assert found["pull_time"] > found["push_time"]
    repository = server.call("GET", f"/projects/{project}/repositories/shop%252Fweb").json()
    assert (repository["name"], repository["artifact_count"], repository["pull_count"]) == (f"{project}/shop/web", 1, 1)
    assert client.send("GET", f"/v2/{project}/shop/web/tags/list").json() == {"name": f"{project}/shop/web", "tags": ["v1"]}
    assert f"{project}/shop/web" in client.send("GET", "/v2/_catalog").json()["repositories"]


def test_every_line_of_a_header_counts(server: Any, project: str) -> None:
    client = server.client()
    client.push(f"{project}/web", "v1", image())
    accepted = [("Accept", MANIFEST), ("Accept", "application/vnd.docker.distribution.manifest.v2+json"), *_token(client).items()]
    assert client.http.get(f"/v2/{project}/web/manifests/v1", headers=accepted).status_code == 200


def test_basic_credentials_do_without_a_token(server: Any, project: str) -> None:
    client = server.client()
    client.push(f"{project}/web", "v1", image())
    robot = server.robot(project, "repository:pull")
    accept = {"Accept": MANIFEST}
    assert httpx.get(f"{server.url}/v2/{project}/web/manifests/v1", auth=robot, headers=accept).status_code == 200
    put = httpx.put(f"{server.url}/v2/{project}/web/manifests/v2", content=image().manifest, auth=robot)
    assert put.status_code == 401


def test_a_layer_of_many_megabytes_goes_through_in_pieces(server: Any, project: str) -> None:
    client, large = server.client(), bytes(48 << 20)
    begun = client.send("POST", f"/v2/{project}/big/blobs/uploads/")

    def pieces() -> Any:
        for at in range(0, len(large), 1 << 20):
            yield large[at : at + (1 << 20)]

    headers = _token(client) | {"Content-Type": "application/octet-stream"}
    part = client.http.patch(begun.headers["location"], content=pieces(), headers=headers)
    assert part.status_code == 202, part.text
    place = httpx.URL(part.headers["location"]).copy_add_param("digest", digest(large))
    assert client.send("PUT", str(place)).status_code == 201
    assert client.blob(f"{project}/big", digest(large)).content == large


def test_an_image_for_several_platforms_is_one_artifact(server: Any, project: str) -> None:
    client, images = server.client(), (image("amd"), image("arm"))
    for each in images:
        assert client.push(f"{project}/multi", each.digest, each).status_code == 201
    listing = index(*images)
    assert client.push_manifest(f"{project}/multi", "v1", listing, INDEX).status_code == 201
    found = server.call("GET", f"/projects/{project}/repositories/multi/artifacts").json()
    assert [each["digest"] for each in found] == [digest(listing)]
    assert [each["platform"]["architecture"] for each in found[0]["references"]] == ["amd64", "arm64"]
    refused = server.call("DELETE", f"/projects/{project}/repositories/multi/artifacts/{images[0].digest}")
    assert refused.status_code == 412
    assert server.call("DELETE", f"/projects/{project}/repositories/multi/artifacts/v1").status_code == 200
    assert client.manifest(f"{project}/multi", images[0].digest).status_code == 404


def test_a_deleted_artifact_is_gone_from_the_registry(server: Any, project: str) -> None:
    client, pushed = server.client(), image()
    client.push(f"{project}/web", "v1", pushed)
    assert server.call("DELETE", f"/projects/{project}").status_code == 412
    assert server.call("GET", f"/projects/{project}/_deletable").json()["deletable"] is False
    assert server.call("DELETE", f"/projects/{project}/repositories/web").status_code == 200
    assert client.manifest(f"{project}/web", pushed.digest).status_code == 404
    behind = httpx.get(f"http://127.0.0.1:{server.registry_port}/v2/{project}/web/manifests/{pushed.digest}", headers=_token(client))
    assert behind.status_code == 404
    assert server.call("DELETE", f"/projects/{project}").status_code == 200
    assert server.call("GET", f"/projects/{project}").status_code == 404


def test_a_public_project_is_pulled_by_everybody_and_pushed_by_nobody(server: Any) -> None:
    project = server.project(metadata={"public": "true"})
    server.client().push(f"{project}/web", "v1", image())
    stranger = server.client(auth=None)
    assert stranger.manifest(f"{project}/web", "v1").status_code == 200
    assert stranger.push(f"{project}/web", "v2", image("mine")).status_code == 401
    assert server.call("GET", f"/projects/{project}/repositories", auth=None).status_code == 200


def test_storage_has_a_limit(server: Any) -> None:
    project = server.project(storage_limit=3000)
    client = server.client()
    assert client.push(f"{project}/web", "v1", image("small")).status_code == 201
    large = Image([bytes(range(256)) * 12])
    refused = client.push(f"{project}/web", "v2", large)
    assert refused.status_code == 403
    assert refused.json()["errors"][0]["code"] == "DENIED"
    assert "will exceed the configured upper limit of 2.9 KiB" in refused.json()["errors"][0]["message"]
    quota = server.call("GET", f"/quotas?reference=project&reference_id={_id(server, project)}").json()[0]
    before = server.call("GET", f"/projects/{project}/repositories/web/artifacts/v1").json()["size"]
    assert quota["used"]["storage"] == before
    assert server.call("PUT", f"/quotas/{quota['id']}", json={"hard": {"storage": -1}}).status_code == 200
    assert client.push(f"{project}/web", "v2", large).status_code == 201
    assert client.push(f"{project}/other", "v1", image("small")).status_code == 201
    after = server.call("GET", f"/quotas/{quota['id']}").json()["used"]["storage"]
    # The configurations are the same, and count once.
    assert after == before + len(large.manifest) + len(large.layers[0])


def test_bad_manifests_are_refused(server: Any, project: str) -> None:
    client = server.client()
    for content in (b"{", b"[]", b'{"layers": [{}]}', b'{"config": 1}'):
        answer = client.push_manifest(f"{project}/web", "v1", content)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "MANIFEST_INVALID"), content
    assert client.push_manifest(f"{project}/web", "v1", image("no blobs").manifest).status_code == 400
    assert client.push_manifest(f"{project}/web", f"sha256:{'0' * 64}", image().manifest).json()["errors"][0]["code"] == "DIGEST_INVALID"
    assert server.call("GET", f"/projects/{project}/repositories").json() == []


def _id(server: Any, project: str) -> int:
    return int(server.call("GET", f"/projects/{project}").json()["project_id"])


def _token(client: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {next(token for scope, token in client.tokens.items() if 'push' in scope)}"}
