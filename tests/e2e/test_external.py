"""A platform on a Harbor and a Jenkins that run already: here, those of the other stack."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import harbor, up
from sandbox.cache import ROOT, write
from sandbox.instance import Sandbox
from sandbox.jenkins import path
from sandbox.sample.image import BELOW
from tests.e2e.jenkins import Jenkins, source
from tests.e2e.registry import administrator, configured, image, pull_login, pulled, push_login, skopeo
from tests.e2e.support import NAME, Platform, eventually, slipway

OTHER = f"{NAME}-x"
PREFIX = f"{OTHER}-"


@pytest.fixture(scope="module")
def guest(platform: Platform) -> Iterator[Platform]:
    """A stack whose registry and whose Jenkins are the platform's."""
    ready = up.prepare(Sandbox(NAME), OTHER)
    outputs = platform.stack.outputs()
    external = {"external": {"url": outputs["harborUrl"]}, "prefix": PREFIX}
    guest = Platform(OTHER)
    trusting = {"SSL_CERT_FILE": str(platform.stack.ca_bundle)}
    builds = {"external": {"url": outputs["jenkinsUrl"]}, "prefix": PREFIX}
    with configured(guest, harbor=external, jenkins=builds, caBundle=str(platform.stack.ca_bundle)):
        ready.stack.pulumi("config", "set", "--secret", "--path", "slipway:jenkins.external.password", text=outputs["jenkinsPassword"])
        ready.stack.pulumi("config", "set", "--secret", "--path", "slipway:harbor.external.password", text=outputs["harborPassword"])
        ready.stack.pulumi("up", "--yes", "--skip-preview", variables=trusting)
        write(guest.stack.kubeconfig, guest.stack.outputs()["kubeconfig"])
        yield guest
        ready.stack.pulumi("destroy", "--yes", "--skip-preview", variables=trusting)
    slipway("sandbox", "down", "--name", NAME, "--stack", OTHER)


def handed_over(guest: Platform, verb: str) -> "subprocess.CompletedProcess[str]":
    """Run `slipway jenkins` on the guest's stack."""
    command = [str(Path(sys.executable).parent / "slipway"), "jenkins", verb, "--stack", guest.name]
    return subprocess.run(command, cwd=ROOT, env=guest.stack.environ(), capture_output=True, text=True, check=False)


def test_a_jenkins_that_runs_already_is_told_of_the_jobs(platform: Platform, guest: Platform) -> None:
    assert not guest.kubectl("get", "namespace", "jenkins", "--ignore-not-found", "--output=name")
    jenkins, job = Jenkins(platform), f"{PREFIX}acme/build/alice-shop"
    before = handed_over(guest, "verify")
    assert before.returncode == 1
    assert f"not in Jenkins: {PREFIX}acme/build/alice-sample" in before.stderr
    applied = handed_over(guest, "apply")
    assert applied.returncode == 0, applied.stderr
    assert handed_over(guest, "verify").returncode == 0
    assert jenkins.get(f"{path('acme')}/api/json").is_success, "the other stack's folders stay"

    there = source(guest, "acme", "alice-shop")
    there.commit({"index.html": "hello"})
    build = eventually(lambda: jenkins.builds(job), 30, "a push to the guest's application starts its job")[0]
    parameters = {each["name"]: each["value"] for action in build["actions"] for each in action.get("parameters", [])}
    assert (parameters["REPOSITORY_URL"], parameters["PLATFORM_DOMAIN"]) == (there.project.http_url_to_repo, f"{guest.name}.test")
    assert there.deliveries()[0]["response_status"] in (200, "200")
    assert "Check" in jenkins.log(job, build["number"]) or jenkins.finished(job, build["number"])
    jenkins.post(f"{path(job)}/{build['number']}/stop")


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
    for kind in ("/projects", "/robots", "/registries"):
        assert [each["name"] for each in admin.listed(kind) if PREFIX in each["name"]] == [], "also with images in it"
