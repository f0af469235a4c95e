"""Files in the workspace, artifacts and stashes."""

import io
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.services.jenkins.model import FAILURE, SUCCESS, StepError
from sandbox.services.jenkins.running import globs
from sandbox.services.jenkins.running.steps import artifacts
from tests.unit.sandbox.services.jenkins.running.build import Bench, Here, bench


@pytest.fixture
def made(tmp_path: Path) -> Bench:
    """A build."""
    return bench(tmp_path)


def archived(made: Bench) -> list[str]:
    """The artifacts that were kept."""
    folder = made.record.folder / "archive"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_files_are_written_and_read(made: Bench) -> None:
    def work(here: Here) -> None:
        text = "a 'word' $HOME\n\\ ünd\n"
        here("writeFile", file="deep/er/it's.txt", text=text)
        assert here("readFile", file="deep/er/it's.txt") == text
        assert here.within(dir=here.context["dir"] + "/deep")("readFile", file="../deep/er/it's.txt") == text
        here("writeFile", file="bytes", text="AP8=", encoding="Base64")
        assert here("readFile", file="bytes", encoding="Base64") == "AP8="
        here("writeFile", file="empty", text="")
        assert here("readFile", file="empty") == ""
        assert (here("fileExists", file="empty"), here("fileExists", file="nope")) == (True, False)
        assert here("pwd") == here.context["dir"]
        here.within(dir=here.context["dir"] + "/deep")("deleteDir")
        assert not here("fileExists", file="deep")
        with pytest.raises(StepError, match="nope: NoSuchFileException"):
            here("readFile", file="nope")
        with pytest.raises(StepError, match="encoding 'klingon'"):
            here("writeFile", file="x", text="x", encoding="klingon")

    assert made.on_node(work) == SUCCESS, made.record.log


def test_contents_are_on_no_command_line(made: Bench) -> None:
    made.on_node(lambda here: here("writeFile", file="x", text="what-is-in-it"))
    assert not [each for each in made.cluster.commands if "what-is-in-it" in str(each)]


def test_artifacts_are_kept(made: Bench) -> None:
    def work(here: Here) -> None:
        here("sh", script="mkdir -p a/b .git && echo 1 >a/b/one.json && echo 2 >a/two.txt && echo 3 >'-three .json' && echo x >.git/x.json")
        here("archiveArtifacts", artifacts="a/**/*.json, *.json", excludes="nothing")

    assert made.on_node(work) == SUCCESS, made.record.log
    assert archived(made) == ["-three .json", "a/b/one.json"]
    assert (made.record.folder / "archive/a/b/one.json").read_text() == "1\n"


def test_artifacts_that_are_not_there(made: Bench) -> None:
    assert made.on_node(lambda here: here("archiveArtifacts", artifacts="x/*", allowEmptyArchive=True)) == SUCCESS
    assert made.on_node(lambda here: here("archiveArtifacts", artifacts="x/*")) == FAILURE
    assert made.record.log.count('No artifacts found that match the file pattern "x/*". Configuration error?') == 2


def test_links_are_refused(made: Bench) -> None:
    def work(here: Here) -> None:
        here("sh", script="ln -s /etc/passwd link.json")
        here("archiveArtifacts", artifacts="*.json")

    assert made.on_node(work) == FAILURE
    assert "'link.json' is a symbolic link" in made.record.log
    assert archived(made) == []


def test_too_much_is_refused(made: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "LARGEST", 1000)

    def work(here: Here) -> None:
        here("sh", script="head -c 600 /dev/zero >a; head -c 600 /dev/zero >b")
        here("archiveArtifacts", artifacts="a")
        here("archiveArtifacts", artifacts="b")

    assert made.on_node(work) == FAILURE
    assert "the files are larger than" in made.record.log
    assert archived(made) == ["a"]


@pytest.mark.parametrize("member", ["../out", "/abs", "a/../../out", "link"])
def test_a_pod_that_lies_gets_nothing_out(made: Bench, member: str) -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        entry = tarfile.TarInfo(member)
        if member == "link":
            entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(entry)

    def work(here: Here) -> None:
        here("sh", script="echo x >x")
        folder = made.cluster.home / "bin"
        folder.mkdir()
        (folder / "evil.tar").write_bytes(data.getvalue())
        (folder / "tar").write_text(f"#!/bin/sh\ncat {folder}/evil.tar\n")
        (folder / "tar").chmod(0o755)
        made.cluster.variables["PATH"] = f"{folder}:{os.environ['PATH']}"
        here("archiveArtifacts", artifacts="x")

    assert made.on_node(work) == FAILURE
    assert f"ERROR: artifact '{member.lstrip('/')}" in made.record.log.replace("'/", "'")
    assert archived(made) == []


def test_a_stash_goes_to_another_agent(made: Bench) -> None:
    def pipeline(steps: Any) -> None:
        first = steps.call("node.open", {"label": "slipway-build"}, {})
        here = Here(steps, {"node": first["node"], "dir": first["workspace"]})
        here("sh", script="mkdir -p a && echo 1 >a/one && chmod 755 a/one && echo 2 >two")
        here("stash", name="some", includes="a/**")
        with pytest.raises(StepError, match="No files included in stash 'none'"):
            here("stash", name="none", includes="x")
        here("deleteDir")
        here("unstash", name="some")
        assert here("sh", script="find . -type f", returnStdout=True) == "./a/one\n"
        assert here("sh", script="test -x a/one", returnStatus=True) == 0
        with pytest.raises(StepError, match="No such saved stash 'other'; there is: some"):
            here("unstash", name="other")
        steps.call("node.close", {"node": first["node"]}, {})

    assert made.run(pipeline) == SUCCESS, made.record.log


@pytest.mark.parametrize(("pattern", "path", "fits"), [
    ("*.json", "a.json", True), ("*.json", "a/a.json", False), ("**/*.json", "a.json", True), ("**/*.json", "a/b/a.json", True),
    ("a/", "a/b/c", True), ("a/**", "a/b", True), ("a/**/c", "a/c", True), ("a/**/c", "a/b/b/c", True), ("a?c", "abc", True),
    ("a?c", "a/c", False), ("**", "a/b", True), ("./a", "a", True), ("x, a", "a", True), ("a.c", "abc", False), ("a", "a/b", False),
    ("**/a/**", "x/a/y", True), ("**/a/**", "x/ba/y", False),
])  # fmt: skip
def test_patterns(pattern: str, path: str, fits: bool) -> None:
    assert globs.select([path], pattern) == ([path] if fits else [])


@given(st.lists(st.sampled_from(["a", "b", ".git", "*", "**", "?"]), min_size=1, max_size=5), st.lists(st.sampled_from("ab"), min_size=1))
def test_a_pattern_with_double_stars_before_fits_at_every_depth(names: list[str], above: list[str]) -> None:
    path = "/".join(name for name in names if name.isalpha())
    if path:
        assert globs.select([path], f"**/{path}", defaults=False) == [path]
        deep = "/".join([*above, path])
        assert globs.select([deep], f"**/{path}", defaults=False) == [deep]
