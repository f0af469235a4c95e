"""Releases ask Harbor: scans that are waited for and judged, and versions, with the rights that the platform's robots have."""

import itertools
from typing import Any

import pytest

from components.robots import PUSH, SCAN
from gitops.release import harbor as client_module
from gitops.release import scan as scanning
from gitops.release.errors import RefusedError, UnreachableError
from gitops.release.gate import Gate
from gitops.release.harbor import Harbor, HarborAccess, Scan
from gitops.release.scan import judged, present
from gitops.release.versions import tag
from tests.unit.sandbox.harbor.images import Image, image
from tests.unit.sandbox.harbor.test_harbor_scan import demo

HIGH, CRITICAL = Gate(fail_on="high"), Gate(fail_on="critical")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(scanning, "EVERY_SECONDS", 0.02)


def harbor(server: Any, project: str, rights: Any = PUSH) -> Harbor:
    username, password = server.robot(project, *(f"{resource}:{action}" for resource, action in rights))
    return Harbor(HarborAccess(url=server.url, username=username, password=password))


@pytest.fixture
def scanned(server: Any) -> str:
    """A project whose images are scanned when they are pushed, as the platform's are."""
    return str(server.project(metadata={"auto_scan": "true"}))


def pushed(server: Any, project: str, content: Image, name: str = "sha-1") -> tuple[str, str]:
    """Repository and digest of an image."""
    assert server.client().push(f"{project}/alice/shop", name, content).status_code == 201
    return f"{project}/alice/shop", content.digest


def test_the_scan_of_the_push_is_waited_for_and_judged(server: Any, scanned: str) -> None:
    repository, digest = pushed(server, scanned, demo())
    client = harbor(server, scanned)
    assert present(client, repository, "sha-1") == digest
    verdict = judged(client, repository, digest, CRITICAL, workspace="acme")
    assert [each.id for each in verdict.refused] == ["STAND-IN-2026-0001"]
    with pytest.raises(RefusedError, match=r"STAND-IN-2026-0001 \(Critical\): slipway-demo-lib 1.1.9-3, fixed in 1.2.0-1"):
        verdict.require(repository)


def test_an_image_without_a_scan_is_scanned(server: Any, project: str) -> None:
    repository, digest = pushed(server, project, image("unscanned"))
    assert not judged(harbor(server, project), repository, digest, HIGH, workspace="acme").findings


def test_what_is_asked_afresh_is_scanned_again(server: Any, scanned: str) -> None:
    repository, digest = pushed(server, scanned, image("old"))
    client = harbor(server, scanned, SCAN)
    judged(client, repository, digest, HIGH, workspace="acme")
    before = client.scan(repository, digest).id
    judged(client, repository, digest, HIGH, workspace="acme", afresh=True)
    assert client.scan(repository, digest).id != before


def test_a_scan_that_fails_is_tried_once_more(server: Any, project: str) -> None:
    repository, digest = pushed(server, project, Image([b"\x28\xb5\x2f\xfd no archive"]))
    with pytest.raises(UnreachableError, match="ended with Error"):
        judged(harbor(server, project), repository, digest, HIGH, workspace="acme")


def test_a_scan_that_never_ends_is_given_up(server: Any, project: str, monkeypatch: pytest.MonkeyPatch) -> None:
    repository, digest = pushed(server, project, image("slow"))
    monkeypatch.setattr(Harbor, "scan", lambda *_: Scan(status="Running", id="1"))
    with pytest.raises(UnreachableError, match="has not ended after 0 s"):
        judged(harbor(server, project), repository, digest, HIGH, workspace="acme", seconds=0.1)


def test_versions_follow_each_other_and_an_image_keeps_its_own(server: Any, project: str) -> None:
    client = harbor(server, project)
    digests = [pushed(server, project, image(str(number)), f"sha-{number}")[1] for number in range(3)]
    repository = f"{project}/alice/shop"
    assert tag(client, repository, digests[0], None) == "v0.1.0"
    assert tag(client, repository, digests[0], "v3.0.0") == "v0.1.0", "a retry changes nothing"
    assert tag(client, repository, digests[1], "v1.10.0") == "v1.10.0"
    assert tag(client, repository, digests[2], None) == "v1.10.1"
    assert set(client.every_tag(repository)) == {"sha-0", "sha-1", "sha-2", "v0.1.0", "v1.10.0", "v1.10.1"}


def test_a_git_tag_that_is_another_images_is_refused(server: Any, project: str) -> None:
    client = harbor(server, project)
    first, second = (pushed(server, project, image(name), f"sha-{name}")[1] for name in ("a", "b"))
    repository = f"{project}/alice/shop"
    assert tag(client, repository, first, "v1.0.0") == "v1.0.0"
    with pytest.raises(RefusedError, match=r"v1.0.0 is at this commit") as caught:
        tag(client, repository, second, "v1.0.0")
    assert first in caught.value.message
    assert second in caught.value.message


def test_a_version_that_is_taken_in_the_same_moment_is_passed_over(server: Any, project: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = harbor(server, project)
    repository, digest = pushed(server, project, image("mine"))
    answers = itertools.chain([False, False], itertools.repeat(True))
    monkeypatch.setattr(Harbor, "add_tag", lambda *_: next(answers))
    assert tag(client, repository, digest, None) == "v0.1.2"


def test_many_tags_are_all_seen(server: Any, project: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "PAGE", 2)
    client = harbor(server, project)
    for number in range(5):
        _, digest = pushed(server, project, image(str(number)), f"sha-{number}")
        tag(client, f"{project}/alice/shop", digest, None)
    assert {f"v0.1.{number}" for number in range(5)} <= set(client.every_tag(f"{project}/alice/shop"))


def test_the_update_jobs_robot_pushes_and_tags_nothing(server: Any, project: str) -> None:
    repository, digest = pushed(server, project, image("x"))
    client = harbor(server, project, SCAN)
    with pytest.raises(UnreachableError, match="answered 403"):
        client.add_tag(repository, digest, "v1.0.0")
    robot = (client.access.username, client.access.password)
    assert server.client(robot).push(repository, "sha-2", image("y")).status_code == 401


def test_what_is_not_there_is_none(server: Any, project: str) -> None:
    client = harbor(server, project)
    assert client.digest(f"{project}/alice/shop", "sha-1") is None
    with pytest.raises(RefusedError, match="is not in Harbor"):
        present(client, f"{project}/alice/shop", "sha-1")


def test_a_wrong_robot_and_a_registry_that_is_away_are_told_without_secrets(server: Any, project: str) -> None:
    wrong = Harbor(HarborAccess(url=server.url, username="robot$nobody", password="wrong-password-of-a-robot"))
    with pytest.raises(UnreachableError, match=r"answered 401 .*rotation.robots") as caught:
        wrong.digest(f"{project}/alice/shop", "sha-1")
    assert "wrong-password" not in caught.value.message
    away = Harbor(HarborAccess(url="http://127.0.0.1:9", username="a", password="b"))
    with pytest.raises(UnreachableError, match="does not answer"):
        away.digest(f"{project}/alice/shop", "sha-1")
