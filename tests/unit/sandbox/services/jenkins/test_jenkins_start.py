"""How the program starts, and how it does not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.services.jenkins.__main__ import reload_token

REPOSITORY = Path(__file__).parents[5]


def start(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sandbox.services.jenkins", "--home", str(tmp_path / "home"), "--port", "0"]
    known = {name: value for name, value in os.environ.items() if not name.startswith("CASC_")}
    return subprocess.run(command, cwd=REPOSITORY, env=known | environment, capture_output=True, text=True, timeout=60, check=False)


def test_without_a_configuration_it_does_not_start(tmp_path: Path) -> None:
    ended = start(tmp_path)
    assert ended.returncode == 1
    assert "CASC_JENKINS_CONFIG is not set" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("environment", "token"),
    [
        ({"CASC_RELOAD_TOKEN": "own"}, "own"),
        ({"JAVA_OPTS": "-Xmx1g -Dcasc.reload.token=jenkins-0 -Da=b"}, "jenkins-0"),
        ({"CASC_RELOAD_TOKEN": "own", "JAVA_OPTS": "-Dcasc.reload.token=jenkins-0"}, "own"),
        ({}, ""),
    ],
)
def test_the_reload_token(environment: dict[str, str], token: str) -> None:
    assert reload_token(environment) == token
