"""What a release costs in GitOps repositories of different sizes, against a clone, an edit, a commit and a push in the same run."""

import os
import secrets
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gitlab.v4.objects import Project

from gitops import tenants
from sandbox.outside import GITLAB_GROUP, gitlab_token
from sandbox.sample.release import variables
from tests.bench.delivery import git, login
from tests.e2e.gitops import FACTS, Repository
from tests.e2e.support import Platform

SIZES = (10, 1_000, 10_000)
ROUNDS = 5
AT_ONCE = 100
APP = "acme/alice/measured"
FILES = ("Chart.yaml", "values.yaml", "templates/deployment.yaml", "templates/service.yaml", "templates/ingress.yaml", "templates/hpa.yaml")


def measure(platform: Platform) -> dict[str, float]:
    """Medians by size, each ratio to the clone's way, and how many releases of new applications at once land in a second."""
    figures: dict[str, float] = {}
    for size in SIZES:
        with _repository(platform, size) as repo:
            published, cloned = _compare(repo, gitlab_token(platform.sandbox))
            figures |= {
                f"publish among {size} apps, s": published,
                f"clone, edit, commit, push among {size} apps, s": cloned,
                f"publish among {size} apps is faster, times": cloned / published,
            }
            if size == SIZES[0]:
                figures[f"publish, {AT_ONCE} processes at once, 1/s"] = _at_once(repo)
    return figures


def _compare(repo: Repository, token: str) -> tuple[float, float]:
    """Seconds of both ways, taken in turns so that noise meets both alike."""
    repo.publish(APP, "v0")
    published, cloned = [], []
    for number in range(ROUNDS):
        began = time.monotonic()
        repo.publish(APP, f"v1.0.{number}")
        published.append(time.monotonic() - began)
        began = time.monotonic()
        _by_clone(repo.project, token, f"v2.0.{number}")
        cloned.append(time.monotonic() - began)
    return statistics.median(published), statistics.median(cloned)


def _by_clone(project: Project, token: str, tag: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder, "clone")
        git(Path(folder), login(token), "clone", "--quiet", "--depth", "1", str(project.http_url_to_repo), str(clone))
        values = clone / "apps" / APP / "values.yaml"
        lines = [f'  tag: "{tag}"' if line.startswith("  tag:") else line for line in values.read_text().splitlines()]
        values.write_text("\n".join(lines) + "\n")
        git(clone, {}, "-c", "user.name=bench", "-c", "user.email=bench@example.com", "commit", "--quiet", "--all", "--message", tag)
        git(clone, login(token), "push", "--quiet")


def _at_once(repo: Repository) -> float:
    began = time.monotonic()
    runs = [repo.start("publish", f"acme/alice/at-once-{number}", *FACTS, "--tag", "v1") for number in range(AT_ONCE)]
    for run in runs:
        _, err = run.communicate()
        assert run.returncode == 0, err
    return AT_ONCE / (time.monotonic() - began)


@contextmanager
def _repository(platform: Platform, size: int) -> Iterator[Repository]:
    """A project of its own that nobody follows, with so many applications of six files."""
    client = platform.gitlab
    made = client.projects.create({"name": f"bench-{secrets.token_hex(4)}", "namespace_id": client.groups.get(GITLAB_GROUP).id})
    project = client.projects.get(made.id)
    folder = Path(tempfile.mkdtemp())
    try:
        git(folder, {}, "init", "--quiet", "--bare", "--initial-branch=main")
        subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input=_stream(size), check=True)
        git(folder, login(gitlab_token(platform.sandbox)), "push", "--quiet", str(project.http_url_to_repo), "main")
        environment: Mapping[str, str] = (
            platform.stack.environ() | variables(platform.stack) | {"SLIPWAY_GITOPS_PROJECT": str(project.path_with_namespace)}
        )
        yield Repository(project, environment)
    finally:
        shutil.rmtree(folder)
        project.delete()


def _stream(size: int) -> bytes:
    """A history of one commit for git-fast-import(1)."""
    parts = [f"blob\nmark :{mark}\n{_data(f'# {name}{os.linesep}')}" for mark, name in enumerate(FILES, 1)]
    parts.append(f"commit refs/heads/main\ncommitter bench <bench@example.com> 0 +0000\n{_data('All applications')}")
    for number in range(size):
        folder = f"apps/workspace-{number % 10}/user-{number // 10 % 100}/app-{number // 1000}"
        parts += [f"M 100644 :{mark} {folder}/{name}\n" for mark, name in enumerate(FILES, 1)]
    parts.append(f"M 100644 inline {tenants.path('alice')}\n{_data(tenants.render(workspace='acme', user='alice'))}")
    return "".join(parts).encode()


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"
