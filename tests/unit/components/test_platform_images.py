"""What the platform's own images are made of."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from components import platform_images
from components.platform_images import AGENT, CONTROLLER, IMAGES, ROOT, digest


def test_the_agents_packages_are_those_of_the_lock() -> None:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent))
    assert uv, "uv is among the development packages"
    command = [uv, "export", "--quiet", "--frozen", "--extra", "release", "--no-emit-project", "--no-dev", "--no-annotate", "--no-header"]
    wanted = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = (IMAGES / "agent" / "requirements.txt").read_text()
    assert found == wanted, f"next: {' '.join(command[1:])} > components/images/agent/requirements.txt"


def test_every_file_that_is_copied_is_there_and_in_the_build_context() -> None:
    allowed = [line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for dockerfile in IMAGES.glob("*/Dockerfile"):
        copied = re.findall(r"^COPY (?:--chown=\S+ )?([^-\s]\S*) ", dockerfile.read_text(), re.MULTILINE)
        assert copied
        for path in copied:
            assert (ROOT / path).exists(), path
            assert any(path == each or path.startswith(f"{each}/") for each in allowed), path


def test_every_file_that_is_copied_changes_the_tag() -> None:
    for folder, content in (("agent", AGENT), ("controller", CONTROLLER)):
        for path in re.findall(r"^COPY (?:--chown=\S+ )?([^-\s]\S*) ", (IMAGES / folder / "Dockerfile").read_text(), re.MULTILINE):
            assert any((ROOT / path).is_relative_to(each) for each in content), path


def test_another_content_or_another_base_is_another_tag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform_images, "ROOT", tmp_path)
    file = tmp_path / "folder" / "file"
    file.parent.mkdir()
    file.write_text("a")
    (tmp_path / "folder" / "__pycache__").mkdir()
    first = digest((file.parent,), {"BASE": "x"})
    (tmp_path / "folder" / "__pycache__" / "file.pyc").write_text("byte code")
    assert digest((file.parent,), {"BASE": "x"}) == first
    assert digest((file.parent,), {"BASE": "y"}) != first
    file.write_text("b")
    assert digest((file.parent,), {"BASE": "x"}) != first
