"""Which findings keep an image back, and what of the platform's operators lets through."""

import json
from datetime import date
from typing import Any

import pytest

from gitops.release.errors import RefusedError
from gitops.release.gate import Gate, Verdict

TODAY = date(2026, 6, 1)


def finding(id: str, severity: str, package: str = "openssl", **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "severity": severity,
        "package": package,
        "version": "1.0",
        "fix_version": "1.1",
        "links": [f"https://x.test/{id}"],
        **more,
    }


REPORT = {
    "vulnerabilities": [finding("CVE-1", "Low"), finding("CVE-2", "Critical"), finding("CVE-3", "High", "zlib"), finding("CVE-4", "odd")]
}


def judged(fail_on: str, *allowed: dict[str, str], workspace: str = "acme", report: Any = REPORT) -> Verdict:
    gate = Gate.of({"SLIPWAY_SCAN_FAIL_ON": fail_on, "SLIPWAY_SCAN_ALLOWED": json.dumps(allowed)})
    return gate.judge(report, workspace, TODAY)


def allowance(id: str, until: str = "2026-12-31", **more: str) -> dict[str, str]:
    return {"id": id, "reason": "not reachable", "until": until, **more}


@pytest.mark.parametrize(
    ("fail_on", "refused"),
    [
        ("never", []),
        ("critical", ["CVE-2"]),
        ("high", ["CVE-2", "CVE-3"]),
        ("medium", ["CVE-2", "CVE-3"]),
        ("low", ["CVE-2", "CVE-3", "CVE-1"]),
    ],
)
def test_findings_of_the_severity_and_worse_are_refused(fail_on: str, refused: list[str]) -> None:
    assert [each.id for each in judged(fail_on).refused] == refused


def test_what_is_refused_is_told_with_the_way_out() -> None:
    verdict = judged("high")
    assert verdict.summary == "1 Critical, 1 High, 1 Low, 1 Unknown; gate at High: refused"
    with pytest.raises(RefusedError) as caught:
        verdict.require("harbor.test/acme/shop:v1")
    for part in ("CVE-2 (Critical): openssl 1.0, fixed in 1.1", "CVE-3 (High): zlib", "jenkins.scan.allow", "harbor.test/acme/shop:v1"):
        assert part in caught.value.message
    assert "CVE-1 (" not in caught.value.message


def test_an_allowance_lets_through_until_its_last_day() -> None:
    assert not judged("critical", allowance("CVE-2", "2026-06-01")).refused
    over = judged("critical", allowance("CVE-2", "2026-05-31"))
    assert over.refused
    assert over.notes == ("CVE-2 was allowed until 2026-05-31, which is over",)
    assert judged("critical", allowance("CVE-2", "2026-06-10")).notes == ("CVE-2 is allowed until 2026-06-10 only",)
    assert judged("critical", allowance("CVE-2")).summary == "1 Critical, 1 High, 1 Low, 1 Unknown, 1 allowed; gate at Critical: passed"


def test_an_allowance_may_be_for_one_workspace_or_package() -> None:
    assert judged("critical", allowance("CVE-2", workspace="other")).refused
    assert not judged("critical", allowance("CVE-2", workspace="acme")).refused
    assert judged("critical", allowance("CVE-2", package="zlib")).refused
    assert not judged("critical", allowance("CVE-2", package="openssl")).refused


def test_nothing_found_passes() -> None:
    assert judged("low", report={}).summary == "nothing found; gate at Low: passed"
    judged("low", report={"vulnerabilities": None}).require("x")


@pytest.mark.parametrize(
    "allowed", ["[", "[{}]", '[{"id": "a", "reason": "b", "until": "soon"}]', '{"a": 1}', '[{"id": 1, "until": 2}]', "[1]"]
)
def test_settings_that_do_not_fit_are_refused(allowed: str) -> None:
    with pytest.raises(RefusedError, match="SLIPWAY_SCAN_ALLOWED does not fit"):
        Gate.of({"SLIPWAY_SCAN_ALLOWED": allowed})
    with pytest.raises(RefusedError, match="'worst'; expected one of never"):
        Gate.of({"SLIPWAY_SCAN_FAIL_ON": "worst"})


def test_without_settings_critical_is_refused() -> None:
    assert Gate.of({}).fail_on == "critical"
