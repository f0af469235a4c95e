"""Reports lie in a folder that tenants' code can write: links are not followed, and what has another form is nobody's."""

import json
import os
from pathlib import Path

import pytest

from gitops.release.errors import RefusedError, UnhealthyError
from gitops.release.reports import FAILED, read, save, step


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SLIPWAY_REPORTS", str(tmp_path / "reports"))
    return tmp_path / "reports"


def test_a_step_leaves_what_came_of_it(folder: Path) -> None:
    with step("scan") as report:
        report.summary, report.details = "1 High", {"findings": []}
    found = read(folder, ("scan", "tag"))
    assert found["scan"].summary == "1 High"
    assert found["scan"].seconds >= 0
    assert found.keys() == {"scan"}


def test_a_failure_is_told_with_its_code(folder: Path) -> None:
    with pytest.raises(RefusedError), step("scan"):
        raise RefusedError("no\nNext: yes")
    found = read(folder, ("scan",))["scan"]
    assert (found.result, found.summary, found.details["exit_code"]) == (FAILED, "no\nNext: yes", 3)


def test_an_unhealthy_application_is_told_in_a_line(folder: Path) -> None:
    with pytest.raises(UnhealthyError), step("update"):
        raise UnhealthyError("a long\nstory", "shop is Degraded; Pod/shop-1: no database")
    assert read(folder, ("update",))["update"].summary == "shop is Degraded; Pod/shop-1: no database"


def test_a_fault_of_the_program_shows_nothing_of_it(folder: Path) -> None:
    with pytest.raises(ValueError, match="hidden"), step("scan"):
        raise ValueError("hidden")
    assert "hidden" not in (folder / "scan.json").read_text()


def test_without_a_folder_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with step("scan"):
        pass
    assert not list(tmp_path.iterdir())


def test_links_are_replaced_and_not_followed(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("mine")
    folder.mkdir()
    (folder / "steps.txt").symlink_to(target)
    save(folder, "steps.txt", "new")
    assert target.read_text() == "mine"
    assert (folder / "steps.txt").read_text() == "new"
    other = tmp_path / "other"
    other.symlink_to(tmp_path)
    with pytest.raises(OSError, match=r"Not a directory|symbolic"):
        save(other, "target", "new")


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{", "null", "[" * 100_000, json.dumps({"step": "scan"}),
        json.dumps({"step": "scan", "result": "great", "began": "", "ended": ""}),
        json.dumps({"step": "tag", "result": "passed", "summary": "", "began": "2026-01-01", "ended": "2026-01-01"}),
        json.dumps({"step": "scan", "result": "passed", "summary": ["x"], "began": "2026-01-01", "ended": "2026-01-01"}),
        json.dumps({"step": "scan", "result": "passed", "summary": "x" * 2**20, "began": "2026-01-01", "ended": "2026-01-01"}),
    ],
)  # fmt: skip
def test_what_has_another_form_is_left_out(folder: Path, text: str) -> None:
    folder.mkdir()
    (folder / "scan.json").write_text(text)
    assert read(folder, ("scan",)) == {}


def test_what_is_a_link_or_a_pipe_is_left_out(folder: Path, tmp_path: Path) -> None:
    folder.mkdir()
    good = {"step": "scan", "result": "passed", "summary": "", "began": "2026-01-01", "ended": "2026-01-01"}
    (tmp_path / "elsewhere.json").write_text(json.dumps(good))
    (folder / "scan.json").symlink_to(tmp_path / "elsewhere.json")
    os.mkfifo(folder / "tag.json")
    assert read(folder, ("scan", "tag")) == {}
