"""Releases on a running platform: a new version takes over without a lost request, a broken one does not, and an earlier one comes back."""

from collections.abc import Iterator

import pytest

from tests.e2e.support import Platform, eventually
from tests.e2e.test_ingress import Load
from tests.e2e.versions import NAMESPACE, Released, application, images

SHORT = "rollout:\n  progressDeadlineSeconds: 15\n"
"""So that a version which does not come is given up soon."""


@pytest.fixture(scope="module")
def tags(platform: Platform) -> dict[str, str]:
    return images(platform)


@pytest.fixture
def app(platform: Platform) -> Iterator[Released]:
    released = application(platform, "shop")
    yield released
    released.remove()


@pytest.fixture
def first(app: Released, tags: dict[str, str], request: pytest.FixtureRequest) -> Released:
    """The first version, with the strategy that the test asks for."""
    app.publish(tags["first"], wait=False)
    app.edit(app.values() + SHORT + f"strategy: {request.param}\n")
    app.must("status", "--wait")
    eventually(lambda: app.version() == tags["first"], 30, "the first version answers")
    return app


@pytest.mark.parametrize("first", ["rolling", "blueGreen"], indirect=True)
def test_a_version_takes_over_without_a_lost_request_a_broken_one_does_not_and_rollback_brings_one_back(
    platform: Platform, first: Released, tags: dict[str, str]
) -> None:
    app = first
    with Load(platform, app.host) as load:
        assert app.publish(tags["second"])["before"] == tags["first"]
        eventually(lambda: app.version() == tags["second"], 30, "the second version answers")
        eventually(lambda: len(app.deployments()) == 1, 60, "one Deployment is left")

        failed = app.run("publish", "--image", app.image, "--tag", tags["broken"], "--wait", "--timeout", "90")
        assert failed.returncode == 6, failed.stderr
        assert "Pod/" in failed.stderr
        assert "no database at db.example.com" in failed.stderr, "the log's tail"
        assert "Last event: " in failed.stderr
        assert app.version() == tags["second"], "the old pods serve on"
        told = app.run("status")
        assert told.returncode == 6
        assert "no database at db.example.com" in told.stdout

        assert app.must("rollback", "--to", tags["first"]) | {"commit": ""} == {
            "result": "rolled back",
            "version": tags["first"],
            "commit": "",
            "before": tags["broken"],
            "by": None,
            "risk": None,
            "source": None,
        }
        eventually(lambda: app.version() == tags["first"], 30, "the first version answers again")
        eventually(lambda: len(app.deployments()) == 1, 60, "the broken Deployment is gone")
    assert set(load.answers) == {"200"}
    assert len(load.answers) > 100
    versions = app.must("history")
    assert [each["version"] for each in versions] == [tags[name] for name in ("first", "broken", "second")] + [None, tags["first"]]
    assert [each["live"] for each in versions] == [True, False, False, False, False]
    assert "strategy:" in app.values(), "the user's own values stay"


@pytest.mark.parametrize("first", ["blueGreen"], indirect=True)
def test_a_change_of_strategy_and_back_loses_no_request(platform: Platform, first: Released, tags: dict[str, str]) -> None:
    app = first
    with Load(platform, app.host) as load:
        for strategy in ("rolling", "blueGreen"):
            app.edit("".join(line for line in app.values().splitlines(True) if not line.startswith("strategy")) + f"strategy: {strategy}\n")
            wanted = (lambda names: names[0].endswith(app.app.project)) if strategy == "rolling" else (lambda names: "-c" in names[0])
            eventually(lambda wanted=wanted: len(app.deployments()) == 1 and wanted(app.deployments()), 90, strategy)  # type: ignore[misc]
            app.must("status", "--wait")
    assert set(load.answers) == {"200"}
    platform.kubectl("-n", NAMESPACE, "get", "service", f"alice-{app.app.project}")
