"""What is asked of a Harbor before anything is made, and what a run waits for."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from stacks import health
from stacks.registry import HEALTH
from tests.unit.sandbox.providers.harbor.server import PASSWORD, Served, serving
from tests.unit.stacks.conftest import World
from tests.unit.stacks.test_preflight_machine import _certificate


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a key and the certificate of an authority of its own, for 127.0.0.1."""
    return _certificate(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def harbor(tmp_path_factory: pytest.TempPathFactory, certificate: Path) -> Iterator[Served]:
    """A Harbor behind TLS."""
    with serving(tmp_path_factory.mktemp("harbor"), certificate) as served:
        yield served


@pytest.fixture
def bundle(tmp_path: Path, certificate: Path) -> Path:
    """The authority alone, in PEM."""
    text = certificate.read_text()
    file = tmp_path / "bundle.pem"
    file.write_text(text[text.index("-----BEGIN CERTIFICATE") :])
    return file


@pytest.fixture
def external(world: World, harbor: Served, bundle: Path) -> World:
    """A good environment on a Harbor that runs already."""
    world.config |= {"harbor": {"external": {"url": harbor.url, "password": PASSWORD}}, "caBundle": str(bundle)}
    return world


def test_a_good_one_passes(external: World) -> None:
    assert external.problems() == ()


def test_a_wrong_password_is_told_with_the_command_that_sets_it(external: World) -> None:
    external.config["harbor"]["external"]["password"] = "Wrong-12345"
    (problem,) = external.problems()
    assert "refuses 'admin' (HTTP 401)" in problem
    assert "pulumi config set --secret --path harbor.external.password" in problem
    assert "Wrong-12345" not in problem


def test_an_authority_that_nobody_named_is_told(external: World) -> None:
    del external.config["caBundle"]
    (problem,) = external.problems()
    assert "cannot be reached" in problem
    assert "slipway:caBundle" in problem


def test_something_else_than_harbor_is_told(external: World) -> None:
    external.config["harbor"]["external"]["url"] += "/elsewhere"
    (problem,) = external.problems()
    assert "not as Harbor's API does" in problem


@pytest.mark.parametrize(("content", "told"), [(None, "is not a file"), ("no certificate", "holds no certificates")])
def test_a_bundle_that_is_none_is_told(world: World, tmp_path: Path, content: str | None, told: str) -> None:
    file = tmp_path / "given.pem"
    if content is not None:
        file.write_text(content)
    world.config["caBundle"] = str(file)
    (problem,) = world.problems()
    assert told in problem
    assert "set slipway:caBundle" in problem


def test_a_run_goes_on_once_harbor_is_healthy(harbor: Served, bundle: Path) -> None:
    assert asyncio.run(health._wait(harbor.url, HEALTH, bundle.read_text())) == harbor.url


def test_a_run_does_not_trust_whoever_answers(harbor: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SECONDS", 0.1)
    with pytest.raises(TimeoutError, match=r"not healthy after .*certificate verify failed"):
        asyncio.run(health._wait(harbor.url, HEALTH, ""))


def test_an_answer_that_does_not_speak_of_health_is_not_enough(harbor: Served, bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SECONDS", 0.1)
    with pytest.raises(TimeoutError, match="not healthy"):
        asyncio.run(health._wait(harbor.url, "/api/v2.0/systeminfo", bundle.read_text()))
