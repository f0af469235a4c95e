"""What is asked of a Jenkins that runs already, before anything is made."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.sandbox.services.jenkins.kit import ADMIN, READER, controller
from tests.unit.stacks.conftest import World

PLUGINS = ["configuration-as-code:1", "gitlab-plugin:1", "job-dsl:1", "workflow-aggregator:1", "git:1"]


@pytest.fixture
def plugins(tmp_path: Path) -> Path:
    """The list of plugins of the Jenkins below."""
    file = tmp_path / "running" / "plugins.txt"
    file.parent.mkdir()
    file.write_text("\n".join(PLUGINS))
    return file


@pytest.fixture
def external(world: World, plugins: Path) -> Iterator[World]:
    """A good environment on a Jenkins that runs already."""
    with controller(plugins.parent) as kit:
        world.config |= {"jenkins": {"external": {"url": str(kit.http.base_url), "username": ADMIN[0], "password": ADMIN[1]}}}
        yield world


def test_a_good_one_passes(external: World) -> None:
    assert external.problems() == ()


def test_a_wrong_password_is_told_with_the_command_that_sets_it(external: World) -> None:
    external.config["jenkins"]["external"]["password"] = "Wrong-12345"
    (problem,) = external.problems()
    assert "refuses 'admin' (HTTP 401)" in problem
    assert "pulumi config set --secret --path jenkins.external.password" in problem
    assert "Wrong-12345" not in problem


def test_who_does_not_administer_it_is_told(external: World) -> None:
    external.config["jenkins"]["external"] |= {"username": READER[0], "password": READER[1]}
    (problem,) = external.problems()
    assert "'reader' does not administer Jenkins" in problem


def test_plugins_that_are_missing_are_named(external: World, plugins: Path) -> None:
    plugins.write_text("git:1\nworkflow-aggregator:1")
    (problem,) = external.problems()
    assert "lacks the plugins configuration-as-code, gitlab-plugin, job-dsl; install them" in problem


def test_one_that_is_not_there_is_told(external: World) -> None:
    external.config["jenkins"]["external"]["url"] = "http://127.0.0.1:9"
    (problem,) = external.problems()
    assert "cannot be reached" in problem


def test_something_else_than_jenkins_is_told(external: World) -> None:
    external.config["jenkins"]["external"]["url"] = external.gitlab
    (problem,) = external.problems()
    assert "it is no Jenkins; set slipway:jenkins.external.url" in problem
