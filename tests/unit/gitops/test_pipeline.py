"""What Jenkins runs: which credential each of the two jobs asks for, and where tenants' code runs."""

import re
from pathlib import Path

import pytest

from gitops import pipeline


def asked_for(text: str) -> set[str]:
    return set(re.findall(r"credentialsId: '(\w+)'", text))


def test_every_file_of_the_folder_is_in_the_project() -> None:
    folder = Path(pipeline.__file__).parent
    there = {
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*")
        if file.is_file() and file.suffix in {".md", ".Jenkinsfile", ".groovy"}
    }
    assert there == set(pipeline.NAMES)


def test_another_text_is_another_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    before = pipeline.revision()
    assert re.fullmatch(r"platform-[0-9a-f]{12}", before)
    changed = {**pipeline.contents(), "README.md": "changed"}
    monkeypatch.setattr(pipeline, "contents", lambda: changed)
    assert pipeline.revision() != before


def test_the_build_job_asks_for_nothing_that_writes_the_gitops_repository() -> None:
    files = pipeline.contents()
    assert asked_for(files["build.Jenkinsfile"]) | asked_for(files["vars/fetchSource.groovy"]) == {"registry", "source"}
    assert not asked_for(files["vars/buildImage.groovy"])


def test_the_update_job_takes_no_code_of_tenants() -> None:
    update = pipeline.contents()["update.Jenkinsfile"]
    assert asked_for(update) == {"gitops", "argocd"}
    assert not re.search(r"checkout|\bgit\b|fetchSource|buildImage|container|@Library|load\b|REPOSITORY_URL", update)


def test_no_shell_text_takes_in_a_value() -> None:
    """Values reach the shell as variables: what Groovy puts into a shell's text would be read by that shell."""
    for name, text in pipeline.contents().items():
        if not name.endswith(".md"):
            assert not re.search(r'sh\s*\(?\s*"', text), name
            assert '"""' not in text, name
