"""What goes wrong between a push and its pods: the reason is at the commit, nothing else has changed, and another try goes well."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from naming import App
from sandbox.harbor import artifact_path
from sandbox.outside import gitlab_token
from tests.e2e.loop import Loop
from tests.e2e.registry import administrator, configured
from tests.e2e.support import Platform, eventually

PAGE = "index.html"
IMAGE = """FROM python:3.11-slim
WORKDIR /srv
COPY index.html .
{step}
USER 1000
CMD ["python3", "-m", "http.server", "8080"]
"""
TESTED = """FROM python:3.11-slim AS final
WORKDIR /srv
COPY index.html .
USER 1000
CMD ["python3", "-m", "http.server", "8080"]
FROM final AS test
RUN {test}
FROM final
"""
CRITICAL = (
    "RUN printf '\\nPackage: slipway-demo-lib\\nStatus: install ok installed\\nVersion: 1.0\\nArchitecture: all\\n' >> /var/lib/dpkg/status"
)


def page(text: str, step: str = "") -> dict[str, str]:
    """A repository with its own Dockerfile; `step` is in it."""
    return {PAGE: f"<p>{text}</p>\n", "Dockerfile": IMAGE.format(step=step)}


@pytest.fixture(scope="module")
def shop(platform: Platform) -> Iterator[Loop]:
    """An application that runs in a good version, which answers `good`."""
    loop = Loop(platform, App.parse("acme/alice/shop"))
    loop.deployed(loop.push(page("good")))
    yield loop
    loop.remove()


class Watched:
    """What must not change while something fails."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.before = self.state()

    def state(self) -> dict[str, Any]:
        head = self.loop.platform.gitops.branches.get("main").commit["id"]
        return {"GitOps": head, "files": self.loop.values(), "answer": self.loop.platform.get(self.loop.app.project).text}

    def is_same(self) -> bool:
        return self.state() == self.before


def refused(loop: Loop, content: dict[str, str], status: str, *reasons: str) -> None:
    """Push what fails: the status says why, with a link to the build, and nothing has changed."""
    watched = Watched(loop)
    commit = loop.push(content)
    told = loop.failed(commit, status)
    for reason in reasons:
        assert reason in told.description, told.description
    assert "/job/" in told.target_url
    assert watched.is_same()


def test_failing_tests(shop: Loop) -> None:
    files = page("untested") | {"Dockerfile": TESTED.format(test="echo 1 test of 3 failed; exit 7")}
    refused(shop, files, "slipway/test", "exit 7")
    assert "1 test of 3 failed" in shop.last_log()


def test_a_failing_build(shop: Loop) -> None:
    refused(shop, page("unbuilt", "RUN cc main.c"), "slipway/build", "RUN cc main.c")


def test_a_scan_above_the_gate(shop: Loop) -> None:
    watched = Watched(shop)
    commit = shop.push(page("vulnerable", CRITICAL))
    status = shop.failed(commit, "slipway/scan")
    assert "STAND-IN-2026-0001" in status.description
    assert watched.is_same()
    digest = shop.image(f"sha-{commit.id}")
    assert digest
    tags = administrator(shop.platform).listed(f"{artifact_path('acme', 'alice/shop', digest)}/tags")
    assert [each["name"] for each in tags] == [f"sha-{commit.id}"], "a refused image has no version"
    (comment,) = [each.note for each in commit.comments.list(get_all=True)]
    assert "STAND-IN-2026-0001" in comment


def test_what_is_mended_is_deployed(shop: Loop) -> None:
    """After tests, build and scan have failed."""
    shop.deployed(shop.push(page("mended") | {"Dockerfile": TESTED.format(test="echo 3 tests passed")}))
    assert "mended" in shop.platform.get("shop").text


def test_a_registry_that_is_down(platform: Platform, shop: Loop) -> None:
    watched = Watched(shop)
    platform.kubectl("-n", "harbor", "scale", "deployment", "harbor-core", "--replicas=0")
    try:
        commit = shop.push(page("unpushed"))
        status = shop.failed(commit, "slipway/build")
        assert "harbor" in status.description.lower()
        assert watched.is_same()
    finally:
        platform.kubectl("-n", "harbor", "scale", "deployment", "harbor-core", "--replicas=1")
        platform.kubectl("-n", "harbor", "rollout", "status", "deployment", "harbor-core", "--timeout=120s")
    shop.retried(commit)
    assert "unpushed" in platform.get("shop").text


def faults(platform: Platform, *rules: dict[str, Any]) -> None:
    """Let the stand-in for GitLab answer so; without rules as it should."""
    url, headers = f"{platform.world.gitlab_url}/-/stand-in/faults", {"PRIVATE-TOKEN": gitlab_token(platform.sandbox)}
    answer = (
        httpx.post(url, json=list(rules), headers=headers, trust_env=False)
        if rules
        else httpx.delete(url, headers=headers, trust_env=False)
    )
    assert answer.is_success, answer.text


def test_a_gitops_repository_that_refuses_the_commit(platform: Platform, shop: Loop) -> None:
    watched = Watched(shop)
    gitops = f"/projects/[^/]*gitops/repository/commits$|/projects/{platform.gitops.id}/repository/commits$"
    faults(platform, {"method": "POST", "path": gitops, "kind": "status", "status": 400, "times": None})
    try:
        commit = shop.push(page("conflict"))
        status = shop.failed(commit, "slipway/deploy")
        assert "GitLab refuses the commit" in status.description
        assert "/update/" in status.target_url
        assert watched.is_same()
    finally:
        faults(platform)
    shop.retried(commit)
    assert "conflict" in platform.get("shop").text


def test_an_expired_token(platform: Platform, shop: Loop) -> None:
    watched = Watched(shop)
    (token,) = [each for each in platform.gitops.access_tokens.list(get_all=True) if each.active and "release" in each.name]
    token.delete()
    commit = shop.push(page("token"))
    status = shop.failed(commit, "slipway/deploy")
    assert "refuses the token" in status.description
    assert watched.is_same()
    with configured(platform, rotation={"tokens": 2}):
        platform.pulumi("up", "--yes", "--skip-preview")
        shop.retried(commit)
        assert "token" in platform.get("shop").text
    platform.pulumi("up", "--yes", "--skip-preview")


def test_an_agent_that_is_killed(platform: Platform, shop: Loop) -> None:
    watched = Watched(shop)
    number = len(shop.jenkins.builds(shop.job("build"))) + 1
    commit = shop.push(page("killed", "RUN sleep 25"))

    def builds() -> bool:
        known = shop.jenkins.builds(shop.job("build"))
        return bool(known and known[0]["number"] == number and "RUN sleep 25" in shop.jenkins.log(shop.job("build"), number))

    eventually(builds, 240, "it builds", every=0.5)
    platform.kubectl("-n", "jenkins-agents", "delete", "pod", "--all", "--grace-period=0", "--force", "--wait=false")
    status = shop.failed(commit, "slipway/build")
    assert "agent" in status.description
    assert watched.is_same()
    shop.retried(commit)
    assert "killed" in platform.get("shop").text
