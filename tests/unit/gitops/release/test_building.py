"""The verbs that make an image: what buildah is told, what it sees, and what they leave behind."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gitops.release.cli import release
from tests.unit.gitops.release.test_parameters import BUILD

BUILDAH = """#!/bin/sh
printf '%s\\n' "$*" >> {folder}/calls
env > {folder}/env
cat "$CONTAINERS_REGISTRIES_CONF" > {folder}/registries
for word in "$@"; do case $word in oci-archive:*) echo layers > "${{word#oci-archive:}}";; esac; done
{script}
"""


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A job's workspace with a checkout, and an environment with secrets that a build must not see."""
    monkeypatch.chdir(tmp_path)
    for name, value in {**BUILD, "SOURCE": "a" * 40, "SLIPWAY_MIRROR": "harbor.dev.test/mirror", "SLIPWAY_REPORTS": "reports"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SLIPWAY_REGISTRY_PASSWORD", "hidden-password-of-the-robot")
    source = tmp_path / "source"
    (source / "tests").mkdir(parents=True)
    (source / "requirements.txt").write_text("flask==3.1.3\n")
    (source / "app.py").write_text("app = Flask(__name__)\n")
    (source / "tests" / "test_app.py").write_text("")
    return tmp_path


def buildah(job: Path, monkeypatch: pytest.MonkeyPatch, script: str = "") -> None:
    program = job / "bin" / "buildah"
    program.parent.mkdir()
    program.write_text(BUILDAH.format(folder=job, script=script))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(release, list(arguments), catch_exceptions=False)


def planned() -> None:
    assert run("detect", "--plan", "image/plan.json").exit_code == 0
    assert run("dockerfile", "--plan", "image/plan.json", "--to", "image").exit_code == 0


def report(job: Path, step: str) -> tuple[str, str]:
    found = json.loads((job / "reports" / f"{step}.json").read_text())
    return found["result"], found["summary"]


def test_tests_and_image_are_built_from_the_plan(job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    buildah(job, monkeypatch)
    planned()
    assert run("test").exit_code == 0
    assert run("build").exit_code == 0
    tested, built, pushed = (job / "calls").read_text().splitlines()
    assert "--target test" in tested
    assert "--target" not in built
    assert f"--file {job}/image/Dockerfile --ignorefile {job}/image/dockerignore" in built
    assert f"--label org.opencontainers.image.revision={'a' * 40}" in built
    assert built.endswith(f"{job}/source")
    assert pushed.endswith(f"oci-archive:{job}/image/image.tar")
    assert "hidden-password" not in (job / "env").read_text(), "tenants' code runs there"
    assert 'prefix = "docker.io"\nlocation = "harbor.dev.test/mirror"' in (job / "registries").read_text()
    assert report(job, "build")[0] == "passed"
    assert report(job, "test") == ("passed", "passed: python -m unittest discover --start-directory tests --top-level-directory .")


def test_an_application_without_tests_skips_them(job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    buildah(job, monkeypatch)
    (job / "source" / "tests" / "test_app.py").unlink()
    planned()
    assert run("test").exit_code == 0
    assert report(job, "test") == ("skipped", "no tests")
    assert not (job / "calls").exists()


def test_what_is_in_the_registry_is_not_built_again(job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    buildah(job, monkeypatch)
    planned()
    monkeypatch.setenv("BUILT", f"sha256:{'1' * 64}")
    for verb in ("test", "build", "push"):
        assert run(verb).exit_code == 0
        assert report(job, verb) == ("skipped", "the registry has this commit's image already, sha256:111111111111")
    assert not (job / "calls").exists()


def test_a_failed_build_tells_the_line_that_failed(job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    buildah(
        job,
        monkeypatch,
        "echo '2 tests failed'; echo 'Error: building at STEP \"RUN pytest\": while running runtime: exit status 1'; exit 1",
    )
    planned()
    done = run("test")
    assert done.exit_code == 3
    result, summary = report(job, "test")
    assert result == "failed"
    assert summary.splitlines()[0] == 'Error: building at STEP "RUN pytest": while running runtime: exit status 1'


@pytest.mark.parametrize("text", ["", "{", "{}", '{"framework": "../x", "port": 1}', '{"framework": "flask", "port": 80, "path": "../.."}'])
def test_a_plan_that_somebody_has_changed_is_refused(job: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    buildah(job, monkeypatch)
    planned()
    (job / "image" / "plan.json").write_text(text)
    for verb in ("test", "build"):
        done = run(verb)
        assert done.exit_code == 3
        assert "no plan" in done.output
    assert not (job / "calls").exists()


def test_an_own_dockerfile_is_taken_as_it_is_without_a_byte_order_mark(job: Path) -> None:
    (job / "source" / "Dockerfile").write_bytes(b"\xef\xbb\xbfFROM scratch\r\n")
    planned()
    assert (job / "image" / "Dockerfile").read_bytes() == b"FROM scratch\n"
