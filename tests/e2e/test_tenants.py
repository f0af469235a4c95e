"""Tenants that come and go on a running platform, by the commands that people use."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
import yaml

from sandbox.cache import ROOT
from tests.e2e.registry import administrator, configured, image, push_login, skopeo
from tests.e2e.support import Platform

NEW = ("zoo", "zoe", "cage")


@pytest.fixture(scope="module")
def guarded(platform: Platform) -> Iterator[Platform]:
    """The platform with what holds data protected; at the end as it was."""
    with configured(platform, protect=True, harbor={"deleteImages": False}):
        platform.pulumi("up", "--yes", "--skip-preview")
        yield platform
    platform.pulumi("state", "unprotect", "--all", "--yes")  # whatever a failed test left
    platform.pulumi("up", "--yes", "--skip-preview")
    platform.pulumi("preview", "--expect-no-changes")


def slipway(platform: Platform, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command on the platform's stack, as after `eval "$(slipway sandbox env)"`."""
    command = [str(Path(sys.executable).parent / "slipway"), *arguments]
    environment = platform.stack.environ() | {"SSL_CERT_FILE": str(platform.stack.ca_bundle)}
    return subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def changed(platform: Platform) -> dict[str, set[str]]:
    """What `up` would do, by its operation: the last part of each URN."""
    steps = json.loads(platform.pulumi("preview", "--json"))["steps"]
    found: dict[str, set[str]] = {}
    for step in steps:
        found.setdefault(step["op"], set()).add(step["urn"].rpartition("::")[2])
    return found


ALL_WORKSPACES = "all.workspaces-jobs"
"""By which Jenkins knows which workspaces there are: a new one is added."""


def everything(platform: Platform) -> dict[str, str]:
    """A digest of each resource in the state, by URN: of its id and inputs, secrets too."""
    exported = json.loads(platform.pulumi("stack", "export", "--show-secrets"))["deployment"]["resources"]
    texts = {each["urn"]: json.dumps([each.get("id"), each.get("inputs")], sort_keys=True) for each in exported}
    return {urn: sha256(text.encode()).hexdigest() for urn, text in texts.items()}


def test_a_tenant_comes_and_goes_without_touching_the_others(guarded: Platform) -> None:
    workspace, user, project = NEW
    declared = slipway(guarded, "app", "create", "/".join(NEW), "--port", "9000")
    assert declared.returncode == 0, declared.stderr
    assert "`slipway up` makes it" in declared.stdout
    plan = changed(guarded)
    assert plan.keys() <= {"same", "create", "update"}
    assert plan.get("update", set()) <= {ALL_WORKSPACES}
    assert plan["create"]
    assert [name for name in plan["create"] if not any(own in name for own in NEW)] == []
    before = everything(guarded)

    assert slipway(guarded, "up").returncode == 0
    after = everything(guarded)
    assert [urn for urn in before if before[urn] != after.get(urn) and not urn.endswith(f"::{ALL_WORKSPACES}")] == []
    made = guarded.gitlab.projects.get(f"platform/{guarded.name}/{workspace}/{user}-{project}")
    assert made.files.get("index.html", ref="main")
    pushing = push_login(guarded, workspace)
    base = image(guarded, "mirror/library/redis:8.2.2-alpine")
    for tag in ("v1.0.0", "sha-1"):
        assert skopeo(guarded, pushing, "copy", base, image(guarded, f"{'/'.join(NEW)}:{tag}")).status == 0


def test_its_removal_lists_the_images_and_asks(guarded: Platform) -> None:
    text = guarded.stack.config.read_text()
    _remove(guarded)
    try:
        refused = slipway(guarded, "up")
        assert refused.returncode == 1
        assert "Harbor project zoo" in refused.stderr
        assert "with the image zoo/zoe/cage (1 image)" in refused.stderr
        assert "GitLab project" in refused.stderr
        assert "--yes-delete 3" in refused.stderr
        other = slipway(guarded, "up", "--yes-delete", "1")
        assert other.returncode == 1
        assert "the plan deletes 3" in other.stderr
        with pytest.raises(Exception, match="protected"):
            guarded.pulumi("up", "--yes", "--skip-preview")
        assert administrator(guarded).digest("zoo", "zoe/cage", "v1.0.0")
    except BaseException:
        guarded.stack.config.write_text(text)
        raise


def test_an_interrupted_removal_is_finished_by_the_next(guarded: Platform) -> None:
    _remove(guarded)
    # As far as a run gets that is killed between emptying the project and Pulumi: the images are gone, the project is there.
    environment = guarded.stack.environ() | {"SSL_CERT_FILE": str(guarded.stack.ca_bundle)}
    command = [str(Path(sys.executable).parent / "slipway"), "up", "--yes-delete", "3"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True) as run:
        assert run.stderr is not None
        for line in run.stderr:
            if line.startswith("Deleting the images of zoo"):
                os.killpg(run.pid, 9)
    done = slipway(guarded, "up", "--yes-delete", "3")
    assert done.returncode == 0, done.stderr
    assert not [each for each in administrator(guarded).listed("/projects") if each["name"] == "zoo"]
    assert not [each for each in administrator(guarded).listed("/robots") if "zoe" in each["name"]]
    assert not guarded.kubectl("get", "namespace", "user-zoe", "--ignore-not-found", "--output=name")
    guarded.pulumi("preview", "--expect-no-changes")


def _remove(platform: Platform) -> None:
    """Take the tenant out of the declaration."""
    content = yaml.safe_load(platform.stack.config.read_text())
    tenants = content["config"]["slipway:tenants"]
    content["config"]["slipway:tenants"] = [each for each in tenants if each["user"] != NEW[1]]
    platform.stack.config.write_text(yaml.safe_dump(content, sort_keys=False))
