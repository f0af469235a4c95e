"""What Jenkins runs: which credential each of the two jobs asks for, and where tenants' code runs."""

import re
from pathlib import Path

import pytest

from gitops import pipeline

BUILD, UPDATE = "build.Jenkinsfile", "update.Jenkinsfile"
BLOCK = r"container\('build'\) \{ sh '([^']+)' \}"


def asked_for(*names: str) -> set[str]:
    """The credentials that these files ask for, with the steps of ours that they call."""
    known = pipeline.contents()
    found: set[str] = set()
    for name in names:
        steps = {step: step.removeprefix("vars/").removesuffix(".groovy") for step in known if step.startswith("vars/")}
        called = {step for step, word in steps.items() if re.search(rf"\b{word}\b", known[name])}
        found |= set(re.findall(r"credentialsId: '(\w+)'", known[name])) | asked_for(*(called - {name}))
    return found


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
    assert asked_for(BUILD) == {"registry", "source", "status"}


def test_tenants_code_runs_where_no_credential_is() -> None:
    """What runs in the container that builds is these two verbs, with no credential around them."""
    text = pipeline.contents()[BUILD]
    assert re.findall(BLOCK, text) == ["slipway release test", "slipway release build"]
    assert text.count("container(") == 2
    assert not [name for name, other in pipeline.contents().items() if name != BUILD and "container(" in other]


def test_the_update_job_takes_no_code_of_tenants() -> None:
    update = pipeline.contents()[UPDATE]
    assert asked_for(UPDATE) == {"gitops", "argocd", "registry", "status"}
    assert not re.search(r"checkout|\bgit\b|fetchSource|detectFramework|container|load\b|REPOSITORY_URL", update)


def test_no_shell_text_takes_in_a_value() -> None:
    """Values reach the shell as variables: what Groovy puts into a shell's text would be read by that shell."""
    for name, text in pipeline.contents().items():
        if not name.endswith(".md"):
            assert not re.search(r'(sh\s*\(?|script:)\s*"', text), name
            assert not re.search(r"(sh\s*\(?|script:)\s*'[^']*'\s*\+", text), name
            assert '"""' not in text, name
