"""Stand-ins are put where the engine looks, and only where the official plugin is missing."""

import os
import subprocess
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest

from sandbox.providers import PLUGINS
from sandbox.providers.install import install


@pytest.fixture
def path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return a folder that is all there is on PATH."""
    (tmp_path / "path").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    return tmp_path / "path"


def plugin(home: Path, name: str) -> Path:
    """The executable of a plugin that stands in."""
    return home / "plugins" / f"resource-{name}-v{version(PLUGINS[name])}" / f"pulumi-resource-{name}"


def test_everything_stands_in_on_a_bare_machine(path: Path, tmp_path: Path) -> None:
    names = ("kubernetes", "docker", "gitlab", "harbor", "random", "tls")
    installed = install(tmp_path / "bin", tmp_path / "home")
    assert set(installed) == {*(f"pulumi-resource-{name}" for name in names), "pulumi-language-python"}
    executables = [*(plugin(tmp_path / "home", name) for name in names), tmp_path / "bin" / "pulumi-language-python"]
    assert all(os.access(executable, os.X_OK) for executable in executables)


def test_official_plugins_are_left_alone(path: Path, tmp_path: Path) -> None:
    (tmp_path / "home" / "plugins" / "resource-docker-v5.2.0").mkdir(parents=True)
    (path / "pulumi-language-python").touch(0o755)
    assert not {"pulumi-resource-docker", "pulumi-language-python"} & set(install(tmp_path / "bin", tmp_path / "home"))


def test_a_stand_in_goes_when_the_official_one_comes(path: Path, tmp_path: Path) -> None:
    install(tmp_path / "bin", tmp_path / "home")
    official = tmp_path / "home" / "plugins" / "resource-tls-v99.0.0"
    official.mkdir(parents=True)
    install(tmp_path / "bin", tmp_path / "home")
    assert not plugin(tmp_path / "home", "tls").exists()
    assert official.is_dir()


def test_the_own_folder_on_path_is_not_taken_for_official(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert install(tmp_path / "bin", tmp_path / "home") == install(tmp_path / "bin", tmp_path / "home")


def test_an_installed_plugin_tells_its_port_and_ends_with_the_engine(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "bin", tmp_path / "home")
    monkeypatch.setenv("PATH", os.defpath)
    with subprocess.Popen([plugin(tmp_path / "home", "random")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert int(process.stdout.readline()) > 0
        process.stdin.close()
        assert process.wait(20) == 0


@pytest.mark.parametrize("name", sorted(PLUGINS))
def test_a_plugin_has_the_version_of_its_package(name: str) -> None:
    assert import_module(f"sandbox.providers.{name}").plugin().version == version(PLUGINS[name])
