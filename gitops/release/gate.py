"""Which findings of a scan keep an image back: those of a severity, unless the platform's operators allow them for a time."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from gitops.release.errors import RefusedError

SEVERITIES = ("None", "Unknown", "Negligible", "Low", "Medium", "High", "Critical")
"""In their order: https://github.com/goharbor/harbor/blob/main/src/pkg/scan/vuln/severity.go"""
NEVER = "never"
THRESHOLDS = (NEVER, *(name.lower() for name in SEVERITIES[3:]))
DEFAULT = "critical"
SHOWN = 20
SOON = timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """A finding that is allowed. until: its last day (UTC). workspace, package: where it holds; empty for everywhere."""

    id: str
    reason: str
    until: date
    workspace: str = ""
    package: str = ""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One vulnerability of a package. allowed: the reason for which it is; empty where it is not."""

    id: str
    severity: str
    package: str
    version: str
    fixed: str = ""
    link: str = ""
    allowed: str = ""

    def __str__(self) -> str:
        return f"{self.id} ({self.severity}): {self.package} {self.version}" + (f", fixed in {self.fixed}" if self.fixed else "")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """findings: all, worst first. refused: those that keep the image back. notes: what is to be known of allowances.
    report: the scanner's."""

    findings: Sequence[Finding]
    refused: Sequence[Finding]
    notes: Sequence[str]
    fail_on: str
    report: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def summary(self) -> str:
        """What was found, in a line."""
        counts = Counter(each.severity for each in self.findings)
        parts = [f"{counts[name]} {name}" for name in reversed(SEVERITIES) if counts[name]] or ["nothing found"]
        if allowed := sum(bool(each.allowed) for each in self.findings):
            parts.append(f"{allowed} allowed")
        gate = "no gate" if self.fail_on == NEVER else f"gate at {self.fail_on.capitalize()}: {'refused' if self.refused else 'passed'}"
        return "; ".join([", ".join(parts), gate, *self.notes])

    def require(self, image: str) -> None:
        """Raise RefusedError with the findings that keep the image back, if there are any."""
        if not self.refused:
            return
        names = ", ".join(dict.fromkeys(each.id for each in self.refused))
        lines = "".join(f"\n  {each}" for each in self.refused[:SHOWN])
        more = f"\n  and {len(self.refused) - SHOWN} more" if len(self.refused) > SHOWN else ""
        notes = "".join(f"\n  {note}" for note in self.notes)
        raise RefusedError(
            f"{names[:120]}: the scan of {image} is refused, {self.fail_on} and worse are not released:{lines}{more}{notes}\n"
            "Next: build on packages that have the fix, or have the platform's operators allow it for a time (slipway:jenkins.scan.allow)."
        )

    def details(self) -> dict[str, Any]:
        """For programs, and for the comment at the commit."""
        return {
            "counts": dict(Counter(each.severity for each in self.findings)),
            "findings": [asdict(each) for each in self.findings[:SHOWN]],
        }


@dataclass(frozen=True, kw_only=True)
class Gate:
    """fail_on: the lowest severity that is refused, or `never`. allowed: findings that are let through."""

    fail_on: str
    allowed: Sequence[Allowance] = ()

    @classmethod
    def of(cls, environment: Mapping[str, str], fail_on: str | None = None) -> "Gate":
        """The gate that a job's environment tells. Raises RefusedError where it does not fit."""
        chosen = (fail_on or environment.get("SLIPWAY_SCAN_FAIL_ON") or DEFAULT).lower()
        if chosen not in THRESHOLDS:
            raise RefusedError(f"SLIPWAY_SCAN_FAIL_ON is {chosen[:80]!r}; expected one of {', '.join(THRESHOLDS)}")
        try:
            listed = json.loads(environment.get("SLIPWAY_SCAN_ALLOWED") or "[]")
            allowed = [Allowance(**{**each, "until": date.fromisoformat(each["until"])}) for each in listed]
        except (ValueError, TypeError, KeyError):
            raise RefusedError(
                "SLIPWAY_SCAN_ALLOWED does not fit; expected a JSON list of {id, reason, until}. Next: see slipway:jenkins.scan.allow"
            ) from None
        return cls(fail_on=chosen, allowed=allowed)

    def judge(self, report: Mapping[str, Any], workspace: str, today: date | None = None) -> Verdict:
        """What a scanner's report means for an image of a workspace."""
        day = today or datetime.now(UTC).date()
        found = sorted(
            (self._allowed(each, workspace, day) for each in _findings(report)),
            key=lambda each: (-SEVERITIES.index(each.severity), each.id, each.package),
        )
        return Verdict(
            findings=found,
            refused=[each for each in found if self._refuses(each)],
            notes=tuple(dict.fromkeys(self._notes(found, workspace, day))),
            fail_on=self.fail_on,
            report=report,
        )

    def _refuses(self, finding: Finding) -> bool:
        if self.fail_on == NEVER or finding.allowed:
            return False
        return SEVERITIES.index(finding.severity) >= SEVERITIES.index(self.fail_on.capitalize())

    def _entries(self, finding: Finding, workspace: str) -> Iterator[Allowance]:
        for each in self.allowed:
            if each.id == finding.id and each.workspace in ("", workspace) and each.package in ("", finding.package):
                yield each

    def _allowed(self, finding: Finding, workspace: str, day: date) -> Finding:
        reason = next((each.reason for each in self._entries(finding, workspace) if day <= each.until), "")
        return Finding(**{**asdict(finding), "allowed": reason})

    def _notes(self, findings: Sequence[Finding], workspace: str, day: date) -> Iterator[str]:
        for finding in findings:
            for each in self._entries(finding, workspace):
                if day > each.until:
                    yield f"{each.id} was allowed until {each.until}, which is over"
                elif each.until - day < SOON:
                    yield f"{each.id} is allowed until {each.until} only"


def _findings(report: Mapping[str, Any]) -> Iterator[Finding]:
    for each in report.get("vulnerabilities") or []:
        severity = str(each.get("severity") or "Unknown").capitalize()
        links = each.get("links") or [""]
        yield Finding(
            id=str(each.get("id") or "?"),
            severity=severity if severity in SEVERITIES else "Unknown",
            package=str(each.get("package") or "?"),
            version=str(each.get("version") or "?"),
            fixed=str(each.get("fix_version") or ""),
            link=str(links[0] or ""),
        )
