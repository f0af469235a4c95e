"""Reports in the form of Harbor's scanners: https://github.com/goharbor/pluggable-scanner-spec."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from sandbox.services.harbor.scan.advisories import SEVERITIES, Advisory
from sandbox.services.harbor.scan.packages import Package
from sandbox.services.harbor.scan.versions import older
from sandbox.services.harbor.store import Row, moment, now

MIME = "application/vnd.security.vulnerability.report; version=1.1"
OLD_MIME = "application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0"
# It says of itself what it is.
SCANNER = {"name": "Trivy", "vendor": "Aqua Security", "version": "stand-in"}


def make(found: Iterable[Package], advisories: list[Advisory], digest: str) -> dict[str, Any]:
    """Return the report on an image with the packages `found`."""
    vulnerabilities: list[dict[str, Any]] = [
        {
            "id": each.id, "package": name, "version": version, "fix_version": each.fixed, "severity": each.severity,
            "status": "fixed" if each.fixed else "affected", "description": each.title, "links": [f"https://stand-in.test/{each.id}"],
            "artifact_digests": [digest], "preferred_cvss": {}, "cwe_ids": [], "vendor_attributes": {},
        }
        for ecosystem, name, version in sorted(found)
        for each in advisories
        if (each.ecosystem, each.package) == (ecosystem, name) and (not each.fixed or older(ecosystem, version, each.fixed))
    ]  # fmt: skip
    return {"generated_at": now(), "scanner": SCANNER, "severity": worst(vulnerabilities), "vulnerabilities": vulnerabilities}


def worst(vulnerabilities: list[dict[str, Any]]) -> str:
    """Return the highest severity, "None" without any."""
    return max((each["severity"] for each in vulnerabilities), key=SEVERITIES.index, default="None")


def overview(row: Row) -> dict[str, Any]:
    """Return what an artifact shows of its report, a row of `reports`."""
    fields = {
        "report_id": row["report_id"], "scan_status": row["status"], "start_time": row["start_time"], "end_time": row["end_time"],
        "scanner": SCANNER, "duration": int((moment(row["end_time"]) - moment(row["start_time"])).total_seconds()),
        "complete_percent": 100 if row["status"] == "Success" else 0,
    }  # fmt: skip
    if row["status"] != "Success":
        return fields
    report = json.loads(row["report"])
    found = report["vulnerabilities"]
    counts = dict(Counter(each["severity"] for each in found))
    fixable = sum(bool(each["fix_version"]) for each in found)
    return fields | {"severity": report["severity"], "summary": {"total": len(found), "fixable": fixable, "summary": counts}}
