"""Which tools on PATH are used, and what a failed build tells."""

import os
from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.tools import build
from sandbox.tools.catalog import TOOLS, Tool

HELM = next(tool for tool in TOOLS if tool.name == "helm")
PULUMI = next(tool for tool in TOOLS if tool.name == "pulumi")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in front of PATH, and an empty cache."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setenv("SLIPWAY_CACHE", str(tmp_path / "cache"))
    return folder


def put(folder: Path, name: str, script: str) -> Path:
    """A program made of shell lines."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("version", ["v3.22.0", "v3.99.1+gabc"])
def test_a_helm_on_path_that_is_new_enough_is_used_as_it_is(programs: Path, version: str) -> None:
    helm = put(programs, "helm", f"echo {version}")
    assert build._on_path(HELM) == {"helm": helm}


@pytest.mark.parametrize("version", ["v3.9.4", "v4.0.0", "no version"])
def test_another_helm_on_path_is_not_used(programs: Path, version: str) -> None:
    put(programs, "helm", f"echo {version}")
    assert build._on_path(HELM) == {}


def test_pulumi_must_be_of_the_sdks_minor_version(programs: Path) -> None:
    put(programs, "pulumi", "echo v3.255.7")
    assert build._on_path(PULUMI)
    put(programs, "pulumi", "echo v3.254.0")
    assert not build._on_path(PULUMI)


def test_a_failed_build_names_the_tool_the_last_lines_and_how_to_supply_it(programs: Path) -> None:
    put(programs, "go", 'echo "helm.go:1: cannot find module" >&2; exit 1')
    with pytest.raises(SandboxError) as error:
        build._build(HELM)
    message = error.value.message
    assert "Building helm 3.22.0 failed" in message
    assert "sandbox/tools/helm" in message
    assert "cannot find module" in message
    assert "put `helm` 3.22.0 on PATH" in message
    assert not list((programs.parent / "cache" / "tools").glob("*/helm")), "nothing half built is taken for a tool"


def test_without_go_the_error_says_what_to_install(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(programs))
    with pytest.raises(SandboxError, match="install Go"):
        build._build(HELM)


def test_a_tool_is_built_once_and_a_new_pin_is_another_build(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(programs, "go", 'echo >> "$SLIPWAY_CACHE/builds"; while [ "$1" != -o ]; do shift; done; echo built > "$2"')
    monkeypatch.setattr(build, "TOOLS", (HELM,))
    assert build.ensure()["helm"].read_text() == "built\n"
    build.ensure()
    builds = programs.parent / "cache" / "builds"
    assert len(builds.read_text().splitlines()) == 1
    newer = Tool(HELM.name, "3.23.0", HELM.programs, HELM.seconds, HELM.variables)
    monkeypatch.setattr(build, "TOOLS", (newer,))
    build.ensure()
    assert len(builds.read_text().splitlines()) == 2


def test_our_own_links_on_path_are_not_taken_for_the_machines(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    links = programs.parent / "cache" / "sandboxes" / "dev-000000" / "bin"
    links.mkdir(parents=True)
    put(links, "helm", "echo v3.99.0")
    monkeypatch.setenv("PATH", f"{links}{os.pathsep}{os.environ['PATH']}")
    assert build._on_path(HELM) == {}


def test_the_sdk_and_the_engine_have_the_same_version() -> None:
    from importlib.metadata import version

    assert version("pulumi") == PULUMI.version
