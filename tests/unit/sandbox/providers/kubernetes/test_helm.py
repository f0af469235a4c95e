"""Helm gets the right arguments, and nothing secret among them."""

import json
import os
import stat
import subprocess
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.providers.kubernetes.helm import arguments
from sandbox.providers.kubernetes.helm.chart import checksum, resource_names
from sandbox.providers.kubernetes.helm.cli import Helm, HelmError
from sandbox.providers.kubernetes.helm.release import HelmRelease
from sandbox.providers.kubernetes.settings import Settings
from sandbox.providers.kubernetes.transport import Transport
from sandbox.providers.plugin import Context, Log, State

BASE: dict[str, Any] = {"name": "demo", "namespace": "apps", "chart": "web"}
PASSWORD = "correct-horse"
KUBECONFIG = {"current-context": "x", "users": [{"name": "u", "user": {"token": PASSWORD}}]}
FAKE = """#!/bin/sh
echo "$@" >> "$HELM_LOG/arguments"
for argument in "$@" "$HELM_REPOSITORY_CONFIG"; do
  [ ! -f "$argument" ] || { stat -c '%a %n' "$argument" >> "$HELM_LOG/modes"; cat "$argument" >> "$HELM_LOG/contents"; }
done
[ -z "$HELM_FAILS" ] || { echo "WARNING: mind" >&2; echo "Error: $HELM_FAILS" >&2; exit 1; }
echo '{}'
"""


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A helm on PATH that records its arguments and the files they name, in this folder."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "helm").write_text(FAKE)
    (tmp_path / "bin" / "helm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("HELM_LOG", str(tmp_path))
    return tmp_path


def helm() -> Helm:
    return Helm(Settings(kubeconfig=KUBECONFIG, context="x"), "apps", Event())


def context(urn: str = "urn:pulumi:dev::slipway::kubernetes:helm.sh/v3:Release::web") -> Context:
    return Context(urn, 0, False, (), Log())


def test_nothing_secret_is_in_the_arguments_and_its_files_are_private_and_removed(log: Path) -> None:
    inputs = {
        **BASE,
        "values": {"password": PASSWORD},
        "valueYamlFiles": [{"text": f"token: {PASSWORD}"}],
        "repositoryOpts": {"repo": "https://charts.test", "username": "u", "password": PASSWORD},
    }
    helm().deploy("install", inputs, 0)
    assert PASSWORD not in (log / "arguments").read_text()
    assert (log / "contents").read_text().count(PASSWORD) >= 4
    modes = [line.split() for line in (log / "modes").read_text().splitlines()]
    assert {mode for mode, _ in modes} == {oct(stat.S_IRUSR | stat.S_IWUSR)[2:]}
    assert not any(Path(name).exists() for _, name in modes)


def test_the_files_of_a_killed_run_are_removed_by_the_next(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(log))
    killed = subprocess.Popen(["true"])
    killed.wait()
    left, living = log / f"slipway-helm-{killed.pid}-x", log / f"slipway-helm-{os.getpid()}-x"
    for folder in (left, living):
        folder.mkdir()
    helm().run("version")
    assert not left.exists()
    assert living.exists()


def test_files_precede_the_programs_values(log: Path) -> None:
    helm().deploy("install", {**BASE, "values": {"a": 2}, "valueYamlFiles": [{"text": "a: 1"}]}, 0)
    contents = (log / "contents").read_text()
    assert contents.index("a: 1") < contents.index('{"a": 2}')


def test_a_failure_carries_helms_message_alone(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELM_FAILS", "chart not found")
    with pytest.raises(HelmError, match=r"\Achart not found\Z"):
        helm().run("status", "demo")


def test_a_missing_release_is_none(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELM_FAILS", "release: not found")
    assert helm().json("get", "metadata", "demo") is None


def test_without_helm_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(FileNotFoundError, match="install helm"):
        helm().run("version")


def test_options_become_flags() -> None:
    inputs = {**BASE, "version": "1.2.3", "createNamespace": True, "skipCrds": True, "atomic": False, "waitForJobs": True, "timeout": 60}
    assert arguments.deploy("install", inputs, []) == [
        *("install", "demo", "web", "--output", "json", "--skip-crds", "--create-namespace", "--version", "1.2.3"),
        *("--wait", "--wait-for-jobs", "--timeout", "60s"),
    ]


def test_an_upgrade_has_flags_of_its_own() -> None:
    inputs = {**BASE, "createNamespace": True, "cleanupOnFail": True, "maxHistory": 5, "skipAwait": True}
    upgrade = arguments.deploy("upgrade", inputs, [])
    assert "--create-namespace" not in upgrade
    assert "--cleanup-on-fail" in upgrade
    assert upgrade[upgrade.index("--history-max") + 1] == "5"
    assert "--wait" not in upgrade


def test_the_resources_own_time_limit_precedes_the_charts() -> None:
    assert arguments.deploy("install", {**BASE, "timeout": 60}, [], 90)[-1] == "90s"


def test_a_chart_is_found_by_name_in_a_repository_or_by_its_address() -> None:
    assert arguments.chart({**BASE, "repositoryOpts": {"repo": "https://charts.test"}}) == ["web", "--repo", "https://charts.test"]
    assert arguments.chart({**BASE, "chart": "oci://registry.test/charts/web"}) == ["oci://registry.test/charts/web"]


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_changed_chart_has_another_checksum(tmp_path_factory: pytest.TempPathFactory, first: str, second: str) -> None:
    folder = tmp_path_factory.mktemp("chart")
    (folder / "templates").mkdir()
    (folder / "templates" / "a.yaml").write_bytes(first.encode(errors="replace"))
    before = checksum(str(folder))
    assert checksum(str(folder)) == before
    (folder / "templates" / "a.yaml").write_bytes(second.encode(errors="replace"))
    assert (checksum(str(folder)) == before) == (first.encode(errors="replace") == second.encode(errors="replace"))


def test_an_edited_local_chart_is_a_difference(tmp_path: Path) -> None:
    (tmp_path / "Chart.yaml").write_text("name: web")
    release = HelmRelease(Transport(Settings()))
    before, failures = release.check(context(), None, {"chart": str(tmp_path)})
    assert failures == []
    unchanged, _ = release.check(context(), before, {"chart": str(tmp_path)})
    assert release.diff(context(), State("x", {}, before), unchanged).changes == {}
    (tmp_path / "Chart.yaml").write_text("name: web2")
    after, _ = release.check(context(), before, {"chart": str(tmp_path)})
    assert release.diff(context(), State("x", {}, before), after).changes == {"checksum": "update"}


def test_a_release_keeps_its_made_up_name() -> None:
    release = HelmRelease(Transport(Settings(namespace="apps")))
    first, _ = release.check(context(), None, {"chart": "web"})
    second, _ = release.check(context(), first, {"chart": "web"})
    assert first["name"].startswith("web-")
    assert (second["name"], second["namespace"]) == (first["name"], "apps")


def test_a_name_that_is_too_long_and_an_unknown_option_are_refused() -> None:
    _, failures = HelmRelease(Transport(Settings())).check(context(), None, {"chart": "web", "name": "x" * 54, "recreatePods": True})
    assert [failure.property for failure in failures] == ["recreatePods", "name"]


def test_a_release_left_unfinished_is_a_difference() -> None:
    release = HelmRelease(Transport(Settings()))
    inputs, _ = release.check(context(), None, {"chart": "web"})
    assert release.diff(context(), State("x", {"status": {"status": "failed"}}, inputs), inputs).changes == {"status": "update"}
    assert release.diff(context(), State("x", {"status": {"status": "deployed"}}, inputs), {**inputs, "name": "b"}).replaces == {"name"}


def test_resource_names_are_grouped_by_kind() -> None:
    objects = [
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "b", "namespace": "n"}},
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", "namespace": "n"}},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}},
    ]
    assert json.loads(json.dumps(resource_names(objects))) == {"Deployment.apps/apps/v1": ["n/a", "n/b"], "Service/v1": ["s"]}
