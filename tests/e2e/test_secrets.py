"""No secret of a running sandbox is anywhere but where it belongs: in Secrets, in the encrypted state and in files of mode 0600."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docker.models.containers import Container

from sandbox.cache import ROOT, cache
from tests.e2e.known import secrets_of
from tests.e2e.processes import Processes
from tests.e2e.support import NAME, Platform, slipway
from tests.haystack import Needles, plant

ENGINES_OWN = re.compile(
    r"(eventSink::Debug\()?(<\{%\w+%\}>)?"
    r"(Marshaling property|Unmarshaling property|register resource outputs prepared|resource registration successful)"
)
"""What the engine (at `-v=9`) and the SDK (at `-v=3`, and to the event log) tell of every property, in clear, whoever writes the program:
such a log is a secret itself. https://www.pulumi.com/docs/support/debugging/logging/"""
GIT = ("git", "-c", "safe.directory=*")

Places = Iterator[tuple[str, str | bytes]]


@pytest.fixture(scope="module")
def secrets(platform: Platform) -> dict[str, str]:
    """Every secret of the sandbox by a name that may be shown."""
    return secrets_of(platform)


@pytest.fixture(scope="module")
def needles(secrets: dict[str, str]) -> Needles:
    return Needles(secrets)


def test_all_secrets_are_known_and_a_planted_one_is_found(secrets: dict[str, str], needles: Needles) -> None:
    """Otherwise the other tests of this module would prove nothing."""
    assert {"file passphrase", "file gitlab-token", "admin-password (result)", "webhook-secret (result)"} <= secrets.keys()
    assert {"gitops-reader (token)", "redis-password (result)", "ca (privateKeyPem)", "admin (privateKeyPem)"} <= secrets.keys()
    missed = [f"{name}: {way}" for name, secret in secrets.items() for way, text in plant(secret) if name not in needles.found(text)]
    assert missed == []


def test_the_state_and_the_sandboxs_other_files_hold_none_in_clear(platform: Platform, needles: Needles) -> None:
    folder = platform.sandbox.folder
    kept = {
        *(folder / "secrets").iterdir(),
        *(folder / "stacks").glob("*.kubeconfig"),
        *(folder / "stacks").glob("*.argocd-token"),
        *(folder / "stacks").glob("*.jenkins-password"),
    }
    files = [file for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]
    assert any("state/.pulumi/stacks" in str(file) for file in files)
    assert needles.places((str(file), file.read_bytes()) for file in files if file not in kept) == []
    assert [oct(file.stat().st_mode & 0o777) for file in kept] == ["0o600"] * len(kept)
    logs = [*cache().glob("*.log"), *cache().glob("engine/*.log")]
    assert needles.places((str(log), log.read_bytes()) for log in logs) == []


def test_neither_what_up_prints_nor_what_ps_shows_meanwhile_tells_one(platform: Platform, needles: Needles) -> None:
    with Processes() as seen:
        printed = slipway("sandbox", "up", "--name", NAME)
        outputs = platform.pulumi("stack", "output")
    assert any(b"pulumi up" in command for command in seen.commands)
    assert any(b"kube-apiserver" in command for command in seen.commands), "containers are seen too"
    assert needles.places([("the output of up", printed), ("the outputs", outputs)]) == []
    assert needles.places(seen.places()) == []


def test_of_the_engines_most_verbose_log_only_its_own_lines_tell_any(platform: Platform, needles: Needles, tmp_path: Path) -> None:
    events = tmp_path / "events.json"
    command = ["pulumi", "up", "--yes", "--skip-preview", "--diff", "--show-sames", "--non-interactive"]
    command += ["--logtostderr", "--logflow", "-v=9", "--event-log", str(events)]
    environment = platform.stack.environ() | {"PULUMI_DEBUG_COMMANDS": "true"}  # for --event-log
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert "argocd-secret" in result.stdout
    assert needles.places([("the diff", result.stdout)]) == []
    logged = [json.loads(line)["msg"] if line.startswith("{") else line for line in result.stderr.splitlines()]
    told = [json.loads(line) for line in events.read_text().splitlines()]
    messages = logged + [each.get("diagnosticEvent", {}).get("message") or json.dumps(each) for each in told]
    assert len(logged) > 1000
    assert len(told) > 50
    assert needles.places((message[:60], message) for message in messages if not ENGINES_OWN.match(message)) == []


def test_containers_tell_none(platform: Platform, needles: Needles) -> None:
    def places() -> Places:
        for container in platform.docker.containers.list(all=True, filters={"name": platform.sandbox.network}):
            yield f"the description of {container.name}", json.dumps(container.attrs)
            yield f"the log of {container.name}", bytes(container.logs())
        node = platform.docker.containers.get(f"{platform.sandbox.network}-{platform.name}")
        logs = _inside(node, "sh", "-c", "cat /var/log/slipway/* /var/log/pods/*/*/*.log")
        assert b"argocd" in logs
        yield "the logs of the node and of all pods", logs

    assert needles.places(places()) == []


def test_git_holds_none(platform: Platform, needles: Needles) -> None:
    gitlab = platform.docker.containers.get(platform.sandbox.container("gitlab"))
    found = _inside(gitlab, "find", "/data", "-name", "HEAD", "-not", "-path", "*/logs/*").decode().split()
    repositories = [head.removesuffix("/HEAD") for head in found]
    assert len(repositories) >= 2

    def places() -> Places:
        for repository in repositories:
            yield f"an object of {repository}", _inside(gitlab, *GIT, "--git-dir", repository, "cat-file", "--batch", "--batch-all-objects")

    contents = b"".join(text for _, text in places() if isinstance(text, bytes))
    assert b"applicationset-user-projects" in contents
    assert needles.places(places()) == []


def test_helm_holds_none_in_its_values(platform: Platform, needles: Needles) -> None:
    releases = json.loads(_run(platform, "helm", "list", "--all-namespaces", "--output", "json"))
    assert {release["name"] for release in releases} == {"argocd", "harbor", "ingress-nginx", "jenkins"}
    all_of_them = [
        (f"the release {each['name']}", _run(platform, "helm", "get", part, *options, each["name"], "--namespace", each["namespace"]))
        for each in releases
        for part, options in (("values", ("--all",)), ("manifest", ()), ("notes", ()), ("hooks", ()))
    ]
    # The one that Harbor's chart takes in no other way (docs/decisions.md).
    expected = "harbor-database (result)"
    assert [place for place in needles.places(all_of_them) if not (expected in str(place) and "release harbor" in str(place))] == []


def test_kubernetes_holds_them_in_secrets_only(platform: Platform, needles: Needles) -> None:
    listed = platform.kubectl("api-resources", "--verbs=list", "--output=name").split()
    kinds = [kind for kind in listed if kind != "secrets"]
    assert {"configmaps", "pods", "events", "applications.argoproj.io"} <= set(kinds)
    objects: list[dict[str, Any]] = json.loads(platform.kubectl("get", ",".join(kinds), "--all-namespaces", "--output=json"))["items"]
    assert needles.places((f"{each['kind']} {each['metadata']['name']}", json.dumps(each)) for each in objects) == []
    secret = platform.kubectl("get", "secrets", "--all-namespaces", "--output=json")
    assert "redis-password (result)" in needles.found(secret), "where they belong they are"


def _run(platform: Platform, *command: str) -> str:
    return subprocess.run(command, env=platform.stack.environ(), capture_output=True, text=True, check=True).stdout


def _inside(container: Container, *command: str) -> bytes:
    """What a command in a container prints."""
    code, output = container.exec_run(list(command))
    assert isinstance(output, bytes)
    assert code == 0, f"{command}: {output[-500:]!r}"
    return output
