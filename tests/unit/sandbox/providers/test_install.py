"""Stand-ins are put where the engine looks, and only where the official plugin is missing."""

import os
import subprocess
from pathlib import Path

import pytest

from sandbox.providers.install import install


@pytest.fixture
def path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return a folder that is all there is on PATH."""
    (tmp_path / "path").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    return tmp_path / "path"


def test_everything_stands_in_on_a_bare_machine(path: Path, tmp_path: Path) -> None:
    installed = install(tmp_path / "bin", tmp_path / "home")
    assert set(installed) == {f"pulumi-resource-{name}" for name in ("kubernetes", "docker", "gitlab", "random", "tls")} | {
        "pulumi-language-python"
    }
    assert all(os.access(tmp_path / "bin" / name, os.X_OK) for name in installed)
    assert sorted(installed) == sorted(entry.name for entry in (tmp_path / "bin").iterdir())


def test_official_plugins_are_left_alone(path: Path, tmp_path: Path) -> None:
    (tmp_path / "home" / "plugins" / "resource-docker-v5.2.0").mkdir(parents=True)
    (path / "pulumi-language-python").touch(0o755)
    assert not {"pulumi-resource-docker", "pulumi-language-python"} & set(install(tmp_path / "bin", tmp_path / "home"))


def test_a_stand_in_goes_when_the_official_one_comes(path: Path, tmp_path: Path) -> None:
    install(tmp_path / "bin", tmp_path / "home")
    (tmp_path / "home" / "plugins" / "resource-tls-v5.6.2").mkdir(parents=True)
    install(tmp_path / "bin", tmp_path / "home")
    assert not (tmp_path / "bin" / "pulumi-resource-tls").exists()


def test_the_own_folder_on_path_is_not_taken_for_official(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert install(tmp_path / "bin", tmp_path / "home") == install(tmp_path / "bin", tmp_path / "home")


def test_an_installed_plugin_tells_its_port_and_ends_with_the_engine(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "bin", tmp_path / "home")
    monkeypatch.setenv("PATH", os.defpath)
    with subprocess.Popen(
        [tmp_path / "bin" / "pulumi-resource-random"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path
    ) as plugin:
        assert plugin.stdin is not None
        assert plugin.stdout is not None
        assert int(plugin.stdout.readline()) > 0
        plugin.stdin.close()
        assert plugin.wait(20) == 0
