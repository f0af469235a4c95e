"""An `up` while GitLab limits the rate, fails, is slow and cuts connections: it ends well, or says what failed and goes on from there."""

import json
import subprocess
from collections import Counter
from collections.abc import Iterator

import pytest

from sandbox import hosts
from sandbox.cache import ROOT, write
from sandbox.containers import POOL
from sandbox.instance import Sandbox
from sandbox.outside import GITLAB_GROUP
from sandbox.tenants import TENANTS
from sandbox.up import prepare
from tests.e2e.known import secrets_of
from tests.e2e.processes import Processes
from tests.e2e.support import NAME, Platform, slipway
from tests.e2e.unwell import FOR_EVER, Fault, Proxy, proxy
from tests.haystack import Needles

OTHER = f"{NAME}-f"
"""The stack that comes up through faults."""
EACH_KIND = [
    Fault("GET", "/groups/", "status", times=2),
    Fault("POST", "/groups$", "lost"),
    Fault("POST", "/projects$", "status", times=2, status=502),
    Fault("POST", "/projects$", "lost"),
    Fault("DELETE", "/protected_branches/", "cut"),
    Fault("POST", "/protected_branches$", "lost"),
    Fault("POST", "/protected_branches$", "status", status=429),
    Fault("POST", "/repository/files/", "lost"),
    Fault("POST", "/repository/files/", "cut"),
    Fault("GET", "/repository/files/", "slow", times=3),
]
HOOKS = [Fault("POST", "/hooks$", "status", times=2), Fault("POST", "/hooks$", "lost", times=2)]
"""In whichever of the two runs Argo CD is ready to be told."""
TOKEN = Fault("POST", "/deploy_tokens$", "lost", times=2)


@pytest.fixture(scope="module")
def other(platform: Platform) -> Iterator[Platform]:
    """A second stack of the sandbox, configured and not up."""
    if not hosts.writable():
        pytest.skip("GitLab has no name on this machine, and addresses of the sandbox go past every proxy")
    prepare(Sandbox(NAME), OTHER)
    yield Platform(OTHER)
    slipway("sandbox", "down", "--name", NAME, "--stack", OTHER)


@pytest.fixture
def unwell() -> Iterator[Proxy]:
    with proxy() as made:
        yield made


def up(stack: Platform, way: Proxy) -> subprocess.CompletedProcess[str]:
    """`pulumi up` with the way to GitLab leading through the proxy."""
    past = f"{POOL},{stack.node},127.0.0.1,localhost"
    environment = stack.stack.environ() | {"HTTP_PROXY": way.url, "http_proxy": way.url, "NO_PROXY": past, "no_proxy": past}
    command = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def inventory(stack: Platform) -> Counter[tuple[str, str]]:
    """How many resources of a type and name the state has."""
    resources = json.loads(stack.pulumi("stack", "export"))["deployment"]["resources"]
    return Counter((each["type"], each["urn"].rpartition("::")[2].replace(stack.name, "")) for each in resources)


@pytest.mark.timeout(300)
def test_what_fails_is_named_and_the_next_run_ends_well(platform: Platform, other: Platform, unwell: Proxy) -> None:
    unwell.faults = [*EACH_KIND, *HOOKS, Fault("POST", "/deploy_tokens$", "status", times=FOR_EVER)]
    with Processes() as seen:
        failed = up(other, unwell)
        assert failed.returncode != 0
        assert "gitops-reader" in failed.stdout + failed.stderr
        said = " ".join((failed.stdout + failed.stderr).split())
        assert "GitLab answered POST /projects/" in said
        assert "/deploy_tokens with 503: unwell" in said
        assert "next: see whether GitLab is well, then run this again" in said
        # What the failed run did not come to meets the next one.
        unwell.faults = [*(fault for fault in EACH_KIND if fault.times), *HOOKS, TOKEN]
        ended = up(other, unwell)
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    assert [fault for fault in unwell.faults if fault.times] == []
    assert inventory(other) == inventory(platform)
    _assert_no_duplicates(platform, other)
    other.pulumi("preview", "--expect-no-changes")
    write(other.stack.kubeconfig, other.stack.outputs()["kubeconfig"])
    other.kubectl("-n", "argocd", "wait", "application/platform", "--for=jsonpath={.status.sync.status}=Synced", "--timeout=60s")

    # The whole of a first `up` was watched here.
    needles = Needles(secrets_of(other))
    assert needles.places([("the failed run", said), ("the run", ended.stdout + ended.stderr), *seen.places()]) == []


def _assert_no_duplicates(platform: Platform, other: Platform) -> None:
    group = platform.gitlab.groups.get(f"{GITLAB_GROUP}/{OTHER}")
    found = sorted(each.path for each in group.projects.list(include_subgroups=True, get_all=True))
    assert found == sorted(["gitops", "pipeline", *(f"{user}-{project}" for _, user, several in TENANTS for project in several)])
    gitops = other.gitops
    assert [each.name for each in gitops.deploytokens.list(get_all=True)] == ["argocd"]
    urls = [each.url for each in gitops.hooks.list(get_all=True)]
    assert sorted(urls) == sorted({each.url.replace(platform.name, OTHER) for each in platform.gitops.hooks.list(get_all=True)})
    messages = [each.message for each in gitops.commits.list(get_all=True) if each.message.startswith("Bootstrap")]
    assert len(messages) == len(set(messages)), "each file was committed once"
