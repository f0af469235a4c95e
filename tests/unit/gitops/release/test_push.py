"""Pushing what another container built: the credential is in no argument, and what is pushed must be a file."""

import json
import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from gitops.release.cli import release
from gitops.release.errors import RefusedError, UnreachableError
from gitops.release.push import push
from tests.unit.gitops.release.test_parameters import BUILD

PASSWORD = "password-of-the-robot"
SKOPEO = """#!/bin/sh
printf '%s\\n' "$@" > {folder}/argv
env > {folder}/env
while [ $# -gt 0 ]; do case $1 in --authfile) cat "$2" > {folder}/auth;; --digestfile) printf sha256:1 > "$2";; esac; shift; done
echo "$SAY" >&2
exit {code}
"""


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    file = tmp_path / "image.tar"
    file.write_bytes(b"layers")
    return file


def skopeo(folder: Path, monkeypatch: pytest.MonkeyPatch, code: int = 0) -> None:
    """A program of that name, which notes what it is told."""
    program = folder / "bin" / "skopeo"
    program.parent.mkdir()
    program.write_text(SKOPEO.format(folder=folder, code=code))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


def test_the_credential_is_in_a_file_of_this_user_only(tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    skopeo(tmp_path, monkeypatch)
    monkeypatch.setenv("SLIPWAY_REGISTRY_PASSWORD", PASSWORD)
    assert push(archive, "harbor.dev.test/acme/alice/shop", "sha-1", username="robot", password=PASSWORD) == "sha256:1"
    assert PASSWORD not in (tmp_path / "argv").read_text() + (tmp_path / "env").read_text()
    assert json.loads((tmp_path / "auth").read_text())["auths"].keys() == {"harbor.dev.test"}
    assert (tmp_path / "argv").read_text().split()[-2:] == [f"oci-archive:{archive}", "docker://harbor.dev.test/acme/alice/shop:sha-1"]


@pytest.mark.parametrize("kind", ["link", "folder", "pipe", "nothing"])
def test_what_is_no_file_is_not_pushed(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "image.tar"
    if kind == "link":
        place.symlink_to("/etc/passwd")
    elif kind == "folder":
        place.mkdir()
    elif kind == "pipe":
        os.mkfifo(place)
        assert stat.S_ISFIFO(place.stat().st_mode)
    with pytest.raises(RefusedError, match="is no file"):
        push(place, "harbor.dev.test/acme/alice/shop", "sha-1", username="robot", password=PASSWORD)


def test_the_registrys_answer_is_told(tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    skopeo(tmp_path, monkeypatch, code=1)
    with pytest.raises(UnreachableError, match="was not pushed: skopeo ended with 1"):
        push(archive, "harbor.dev.test/acme/alice/shop", "sha-1", username="robot", password=PASSWORD)


def test_the_command_takes_all_from_the_job(tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    skopeo(tmp_path, monkeypatch)
    environment = {**BUILD, "SLIPWAY_REGISTRY_USER": "robot", "SLIPWAY_REGISTRY_PASSWORD": PASSWORD}
    command = ["push", "--archive", str(archive), "--source", "0123456789abcdef", "--output", "json"]
    result = CliRunner().invoke(release, command, env=environment)
    assert result.exit_code == 0, result.output
    assert json.loads(result.output) == {"image": "harbor.dev.test/acme/alice/shop", "tag": "sha-0123456789abcdef", "digest": "sha256:1"}


def test_without_a_credential_nothing_is_pushed(archive: Path) -> None:
    result = CliRunner().invoke(release, ["push", "--archive", str(archive), "--source", "0123456789abcdef"], env=BUILD)
    assert result.exit_code == 4
    assert "SLIPWAY_REGISTRY_USER" in result.output
