"""Which versions the update job lets in."""

from typing import Any

import pytest

from gitops.release import admission as module
from gitops.release.admission import Admission
from gitops.release.errors import RefusedError
from gitops.release.gate import Finding, Gate, Verdict
from gitops.release.history import Version
from gitops.release.parameters import Parameters, read
from tests.unit.gitops.release.test_parameters import BUILD

DIGEST = f"sha256:{'1' * 64}"
FOUND = Finding(id="CVE-1", severity="Critical", package="openssl", version="1.0")
REASON = "not reachable from outside"


class Registry:
    """A registry with one image, and a scan of it."""

    def __init__(self, digest: str | None = DIGEST) -> None:
        self._digest = digest
        self.access = type("Access", (), {"url": "https://harbor.dev.test"})

    def digest(self, repository: str, reference: str) -> str | None:
        assert repository == "acme/alice/shop"
        return self._digest


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each scan that was asked for had to be a new one."""
    calls: list[bool] = []

    def judged(*_: Any, afresh: bool = False, **__: Any) -> Verdict:
        calls.append(afresh)
        return Verdict(findings=[FOUND], refused=[FOUND], notes=(), fail_on="critical")

    monkeypatch.setattr(module, "judged", judged)
    return calls


def parameters() -> Parameters:
    return read(BUILD)


def admission(registry: Any = None, risk: str | None = None) -> Admission:
    asked: Any = registry or Registry()
    return Admission(harbor=asked, parameters=parameters(), gate=Gate(fail_on="critical"), risk=risk)


def version(**changed: Any) -> Version:
    known = {"commit": "c", "time": "t", "author": "a", "title": "t", "version": "v1.0.0", "image": parameters().image, "digest": DIGEST}
    return Version(**{**known, "source": None, "build": None, **changed})


def test_a_new_version_must_pass_and_be_what_the_build_said(asked: list[bool]) -> None:
    with pytest.raises(RefusedError, match="CVE-1"):
        admission(risk=REASON).of_new("v1.0.0", DIGEST)
    assert asked == [False], "the scan of the push is enough"
    with pytest.raises(RefusedError, match=r"is sha256:1.*expected sha256:2"):
        admission().of_new("v1.0.0", f"sha256:{'2' * 64}")
    with pytest.raises(RefusedError, match="is not in Harbor"):
        admission(Registry(None)).of_new("v1.0.0", None)


def test_an_earlier_one_is_scanned_afresh_and_refused_with_the_way_out(asked: list[bool]) -> None:
    with pytest.raises(RefusedError, match=r"(?s)CVE-1.*--accept-risk REASON"):
        admission().of_earlier(version())
    assert asked == [True]


def test_a_reason_brings_it_back_and_is_asked_once(asked: list[bool], capsys: pytest.CaptureFixture[str]) -> None:
    found = admission(risk=REASON)
    assert [found.of_earlier(version()) for _ in range(3)] == [REASON] * 3
    assert asked == [True], "a commit may take several attempts"
    assert "CVE-1" in capsys.readouterr().err


@pytest.mark.parametrize(("registry", "changed"), [(Registry(None), {}), (Registry(), {"image": "elsewhere.test/shop"})])
def test_what_cannot_be_scanned_needs_a_reason_too(asked: list[bool], registry: Registry, changed: dict[str, str]) -> None:
    with pytest.raises(RefusedError, match="--accept-risk"):
        admission(registry).of_earlier(version(**changed))
    assert admission(registry, REASON).of_earlier(version(**changed)) == REASON
    assert not asked


def test_one_that_passes_needs_no_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    clean = Verdict(findings=[], refused=[], notes=(), fail_on="critical")
    monkeypatch.setattr(module, "judged", lambda *_, **__: clean)
    assert admission(risk=REASON).of_earlier(version()) is None, "no risk is noted where none is taken"
    assert admission().of_new("v1.0.0", None) == DIGEST
