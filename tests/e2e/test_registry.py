"""The registry as its clients meet it: who may pull, push and move what, with real clients, through the ingress with TLS."""

from collections.abc import Iterator

import pytest
from docker.errors import APIError

from sandbox import harbor
from sandbox.harbor import artifact_path
from sandbox.sample.image import BELOW
from tests.e2e.registry import administrator, configured, image, pull_login, pulled, push_login, skopeo
from tests.e2e.support import Platform, eventually

SECONDS = 120


@pytest.fixture(scope="module")
def tag(platform: Platform) -> str:
    """The tag of the sample's image in Harbor."""
    return platform.tag_of_sample()


@pytest.fixture(scope="module")
def sample(platform: Platform, tag: str) -> str:
    """The sample's image, as skopeo writes it."""
    return image(platform, f"acme/{BELOW}:{tag}")


@pytest.fixture(scope="module")
def base(platform: Platform) -> str:
    """Another image: a base image through the mirror."""
    return image(platform, "mirror/library/redis:8.2.2-alpine")


def test_the_sample_runs_from_harbor_by_its_users_own_robot(platform: Platform, tag: str) -> None:
    (pod, *_) = platform.objects("pods", "user-alice")
    assert pod["spec"]["containers"][0]["image"].startswith(f"{harbor.host(platform.name)}/acme/{BELOW}:{tag}")
    assert pod["spec"]["imagePullSecrets"] == [{"name": "registry"}]
    account = platform.object("serviceaccount", "default", "user-carol")
    assert {"name": "registry"} in account["imagePullSecrets"]
    reference = f"{harbor.host(platform.name)}/acme/{BELOW}:{tag}"
    assert pulled(platform, "user-alice", "mine", reference) == "pulled"
    refused = pulled(platform, "user-carol", "not-mine", reference)
    assert refused != "pulled"
    assert any(word in refused for word in ("denied", "unauthorized", "authorization", "insufficient"))


def test_a_robot_pulls_from_its_own_project_and_no_other_and_cannot_push(platform: Platform, sample: str) -> None:
    alice, carol = pull_login(platform, "alice"), pull_login(platform, "carol")
    assert skopeo(platform, alice, "inspect", sample).status == 0
    for login, verb, arguments in (
        (carol, "inspect", [sample]),
        (alice, "copy", [sample, image(platform, f"acme/{BELOW}:mine")]),
        (alice, "delete", [sample]),
        ({"auths": {}}, "inspect", [sample]),
    ):
        refused = skopeo(platform, login, verb, *arguments)
        assert refused.status != 0, refused
        assert any(word in refused.text for word in ("denied", "unauthorized", "insufficient", "authentication required")), refused.text
    assert administrator(platform).digest("acme", BELOW, "mine") is None


def test_a_workspaces_push_robot_cannot_write_anothers_project(platform: Platform, base: str) -> None:
    umbrella = push_login(platform, "umbrella")
    assert skopeo(platform, umbrella, "copy", base, image(platform, "umbrella/carol/lab:sha-1")).status == 0
    refused = skopeo(platform, umbrella, "copy", base, image(platform, "acme/carol/lab:sha-1"))
    assert refused.status != 0
    assert any(word in refused.text for word in ("denied", "unauthorized", "insufficient"))
    assert administrator(platform).digest("acme", "carol/lab", "sha-1") is None


def test_a_release_tag_never_moves(platform: Platform, sample: str, base: str) -> None:
    acme, target = push_login(platform, "acme"), "acme/alice/moved"
    for tag in ("v1.0.0", "latest"):
        assert skopeo(platform, acme, "copy", sample, image(platform, f"{target}:{tag}")).status == 0
    before = administrator(platform).digest("acme", "alice/moved", "v1.0.0")
    refused = skopeo(platform, acme, "copy", base, image(platform, f"{target}:v1.0.0"))
    assert refused.status != 0
    assert "immutable" in refused.text
    assert administrator(platform).digest("acme", "alice/moved", "v1.0.0") == before
    assert skopeo(platform, acme, "copy", base, image(platform, f"{target}:latest")).status == 0
    assert administrator(platform).digest("acme", "alice/moved", "latest") != before


def test_what_is_pushed_is_scanned(platform: Platform, tag: str) -> None:
    admin = administrator(platform)
    path = artifact_path("acme", BELOW, tag)

    def scanned() -> dict[str, object]:
        overview = admin.call("GET", path, params={"with_scan_overview": "true"}).json().get("scan_overview") or {}
        return {kind: each for kind, each in overview.items() if each["scan_status"] == "Success"}

    (kind,) = eventually(scanned, SECONDS, "the sample's image is scanned")
    report = admin.call("GET", f"{path}/additions/vulnerabilities").json()[kind]
    assert report["scanner"]["name"] == "Trivy"
    assert "generated_at" in report


def test_docker_on_this_machine_trusts_the_registry(platform: Platform, tag: str) -> None:
    host = harbor.host(platform.name)
    login = pull_login(platform, "alice")["auths"][host]
    given = {"username": login["username"], "password": login["password"]}
    platform.docker.images.pull(f"{host}/acme/{BELOW}", tag=tag, auth_config=given)
    platform.docker.images.remove(f"{host}/acme/{BELOW}:{tag}")
    with pytest.raises(APIError, match=r"denied|unauthorized"):
        platform.docker.images.pull(f"{host}/umbrella/carol/lab", tag="sha-1", auth_config=given)


@pytest.fixture(scope="module")
def rotated(platform: Platform) -> Iterator[None]:
    """At the end everything is as the sandbox's own configuration says."""
    yield
    platform.pulumi("up", "--yes", "--skip-preview")


@pytest.mark.usefixtures("rotated")
def test_renewed_robots_reach_every_consumer_in_one_run(platform: Platform, sample: str, tag: str) -> None:
    before, pushing = pull_login(platform, "alice"), push_login(platform, "acme")
    with configured(platform, rotation={"robots": 2}):
        platform.pulumi("up", "--yes", "--skip-preview")
        assert pull_login(platform, "alice") != before
        assert skopeo(platform, before, "inspect", sample).status != 0, "the old one is gone"
        assert skopeo(platform, pushing, "inspect", sample).status != 0
        assert skopeo(platform, push_login(platform, "acme"), "inspect", sample).status == 0
        assert pulled(platform, "user-alice", "renewed", f"{harbor.host(platform.name)}/acme/{BELOW}:{tag}") == "pulled"
        platform.pulumi("preview", "--expect-no-changes")


@pytest.mark.usefixtures("rotated")
def test_a_new_authority_reaches_every_consumer_in_one_run(platform: Platform, sample: str, tag: str) -> None:
    before = platform.stack.outputs()["caBundle"]
    with configured(platform, rotation={"robots": 2, "authority": 2}):
        platform.pulumi("up", "--yes", "--skip-preview")
        assert platform.stack.outputs()["caBundle"] != before
        assert skopeo(platform, pull_login(platform, "alice"), "inspect", sample).status == 0
        assert pulled(platform, "user-alice", "trusting", f"{harbor.host(platform.name)}/acme/{BELOW}:{tag}") == "pulled"
        eventually(lambda: platform.get("sample").status_code == 200, SECONDS, "the sample answers on the node that trusts the new one")
        platform.pulumi("preview", "--expect-no-changes")
