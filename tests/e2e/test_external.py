"""A platform on a Harbor that runs already: here, that of the other stack."""

from collections.abc import Iterator

import pytest

from sandbox import harbor, up
from sandbox.cache import write
from sandbox.instance import Sandbox
from sandbox.sample.image import BELOW
from tests.e2e.registry import administrator, configured, image, pull_login, pulled, push_login, skopeo
from tests.e2e.support import NAME, Platform, slipway

OTHER = f"{NAME}-x"
PREFIX = f"{OTHER}-"


@pytest.fixture(scope="module")
def guest(platform: Platform) -> Iterator[Platform]:
    """A stack whose registry is the platform's Harbor."""
    ready = up.prepare(Sandbox(NAME), OTHER)
    outputs = platform.stack.outputs()
    external = {"external": {"url": outputs["harborUrl"]}, "prefix": PREFIX}
    guest = Platform(OTHER)
    trusting = {"SSL_CERT_FILE": str(platform.stack.ca_bundle)}
    with configured(guest, harbor=external, caBundle=str(platform.stack.ca_bundle)):
        ready.stack.pulumi("config", "set", "--secret", "--path", "slipway:harbor.external.password", text=outputs["harborPassword"])
        ready.stack.pulumi("up", "--yes", "--skip-preview", variables=trusting)
        write(guest.stack.kubeconfig, guest.stack.outputs()["kubeconfig"])
        yield guest
        ready.stack.pulumi("destroy", "--yes", "--skip-preview", variables=trusting)
    slipway("sandbox", "down", "--name", NAME, "--stack", OTHER)


def test_the_platform_comes_up_uses_it_and_leaves_nothing_in_it(platform: Platform, guest: Platform) -> None:
    assert not guest.kubectl("get", "namespace", "harbor", "--ignore-not-found", "--output=name")
    host = harbor.host(platform.name)
    target = f"{PREFIX}acme/{BELOW}:v1.0.0"
    login = push_login(guest, "acme")
    base = image(platform, f"{PREFIX}mirror/library/redis:8.2.2-alpine")
    assert skopeo(platform, login, "copy", base, image(platform, target)).status == 0
    assert list(pull_login(guest, "alice")["auths"]) == [host]
    assert pulled(guest, "user-alice", "guest", f"{host}/{target}") == "pulled"
    assert pulled(guest, "user-carol", "guest", f"{host}/{target}") != "pulled"
    refused = skopeo(platform, login, "copy", image(platform, target), image(platform, f"acme/{BELOW}:stolen"))
    assert refused.status != 0, "the two stacks' workspaces of one name are two"

    admin = administrator(platform)
    assert [each for each in admin.listed("/projects") if each["name"].startswith(PREFIX)]
    guest.stack.pulumi("destroy", "--yes", "--skip-preview", variables={"SSL_CERT_FILE": str(platform.stack.ca_bundle)})
    for path in ("/projects", "/robots", "/registries"):
        assert [each["name"] for each in admin.listed(path) if PREFIX in each["name"]] == [], "also with images in it"
