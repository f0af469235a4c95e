"""Many publishers at the same moment, and one that is killed: no release is lost, none is half there."""

import json
import random
import signal
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from tests.e2e.gitops import FACTS, Repository, repository
from tests.e2e.support import eventually

OFTEN = "acme/alice/often"
TIMES, OTHERS = 20, 80
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def repo(git_server: tuple[str, Path], helm: Path) -> Repository:
    return repository(*git_server, helm, {"alice": "acme"})


@pytest.mark.timeout(600)
def test_a_hundred_publishers_at_once_lose_nothing(repo: Repository) -> None:
    """81 applications, one of them released 20 times by builds that began one after the other and end in any order."""
    wanted = {f"acme/alice/app-{number}": ["v1.0.0"] for number in range(OTHERS)} | {OFTEN: [f"v1.0.{number}" for number in range(TIMES)]}
    before = len(repo.project.commits.list(get_all=True))
    calls = [(app, tag, START + timedelta(minutes=place)) for app, tags in wanted.items() for place, tag in enumerate(tags)]
    random.shuffle(calls)
    runs = [
        repo.start("publish", app, *FACTS, "--tag", tag, "--built-at", built.isoformat(), "--output", "json") for app, tag, built in calls
    ]
    results = {}
    for (app, tag, _), run in zip(calls, runs, strict=True):
        out, err = run.communicate()
        assert run.returncode == 0, err
        results[app, tag] = json.loads(out)

    landed = [key for key, result in results.items() if result["result"] == "published"]
    superseded = [key for key, result in results.items() if result["result"] == "superseded"]
    assert len(landed) + len(superseded) == TIMES + OTHERS
    assert {app for app, _ in superseded} <= {OFTEN}
    for app, tags in wanted.items():
        assert _tag(repo, app) == tags[-1], f"the newest version of {app} is the last"
        versions = [each["version"] for each in repo.must("history", app)] if app == OFTEN else tags
        order = [tags.index(version) for version in reversed(versions)]
        assert order == sorted(order), "in order"
        assert set(versions) == {tag for name, tag in landed if name == app}, "what landed is in the history"
    commits = repo.project.commits.list(get_all=True)
    assert all(len(commit.parent_ids) <= 1 for commit in commits), "linear"
    assert len(commits) - before == len(landed), "one commit a release"


def test_a_killed_publisher_leaves_all_or_nothing(repo: Repository) -> None:
    """SIGKILL at ever later moments of a new application's release; the next run ends well."""
    seen = set()
    for number in range(12):
        app = f"acme/alice/killed-{number}"
        run = repo.start("publish", app, *FACTS, "--tag", "v1.0.0")
        try:
            run.wait(timeout=0.15 + number * 0.1)
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
            run.wait()
        run.communicate()
        # A request that was under way may still land.
        eventually(lambda folder=f"apps/{app}": repo.files(folder) in (set(), _complete(repo)), 5, "all or nothing")  # type: ignore[misc]
        seen.add(bool(repo.files(f"apps/{app}")))
        assert repo.publish(app, "v1.0.0")["result"] in {"unchanged", "published"}
        assert repo.files(f"apps/{app}") == _complete(repo)
    assert False in seen, "some were killed before their commit"


def _complete(repo: Repository) -> set[str]:
    if not repo.files("apps/acme/alice/whole"):
        repo.publish("acme/alice/whole", "v1.0.0")
    return repo.files("apps/acme/alice/whole")


def _tag(repo: Repository, app: str) -> str:
    return str(yaml.safe_load(repo.read(f"apps/{app}/values.yaml"))["image"]["tag"])
