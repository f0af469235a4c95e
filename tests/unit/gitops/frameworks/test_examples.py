"""Each example: what it is taken for, the Dockerfile that is made of it, and what a maintained linter says of that.

UPDATE_SNAPSHOTS=1 pytest tests/unit/gitops/frameworks writes the snapshots anew: look at the difference.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gitops.frameworks import ORDER, OWN, detect, ignore, render
from sandbox.cache import ROOT

EXAMPLES = sorted(path.name for path in (ROOT / "examples").iterdir() if path.is_dir())
SNAPSHOTS = Path(__file__).parent / "snapshots"
HADOLINT = Path(sys.executable).parent / "hadolint"


def made(example: str) -> dict[str, str]:
    """What is made of an example, by the endings of its snapshots."""
    plan = detect(ROOT / "examples" / example)
    own = (ROOT / "examples" / example / "Dockerfile").read_text() if plan.framework == OWN else None
    return {"json": plan.to_json(), "Dockerfile": own or render(plan), "dockerignore": ignore(plan, "")}


def test_there_is_one_for_each_framework() -> None:
    assert sorted(framework.NAME for framework in ORDER) == EXAMPLES


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_taken_for_what_it_is(example: str) -> None:
    assert detect(ROOT / "examples" / example).framework == example


@pytest.mark.parametrize("example", EXAMPLES)
def test_plan_and_dockerfile_are_those_of_the_snapshot(example: str) -> None:
    for ending, text in made(example).items():
        snapshot = SNAPSHOTS / f"{example}.{ending}"
        if os.environ.get("UPDATE_SNAPSHOTS"):
            snapshot.write_text(text)
        assert text == snapshot.read_text(), f"{snapshot.name}: UPDATE_SNAPSHOTS=1 writes it anew"


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_linter_finds_nothing(example: str, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(made(example)["Dockerfile"])
    done = subprocess.run([HADOLINT, "--no-color", tmp_path / "Dockerfile"], capture_output=True, text=True, check=False)
    assert done.stdout + done.stderr == ""


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_image_does_not_run_as_root_and_holds_no_authorities(example: str) -> None:
    text = made(example)["Dockerfile"]
    last = text.rpartition("\nFROM ")[2]
    assert "\nUSER 1000\n" in last
    assert "authorities" not in last
    assert "--from=test" not in text, "what tests need stays out"
