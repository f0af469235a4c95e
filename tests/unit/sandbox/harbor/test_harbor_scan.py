"""Scans of images that have packages."""

import json
from typing import Any

import pytest

from tests.unit.sandbox.harbor.images import Image, image, layer
from tests.unit.sandbox.processes import wait_until

MIME = "application/vnd.security.vulnerability.report; version=1.1"
STATUS = """Package: slipway-demo-lib
Status: install ok installed
Version: {version}

Package: removed
Status: deinstall ok config-files
Version: 1
"""


def demo(version: str = "1.1.9-3", *more: bytes) -> Image:
    return Image([
        layer({
            "var/lib/dpkg/status": STATUS.format(version=version),
            "./usr/lib/python3/site-packages/Slipway_Demo-1.9.dist-info/METADATA": "Name: Slipway_Demo\nVersion: 1.9\n\nbody",
            "app/node_modules/slipway-demo/package.json": json.dumps({"name": "slipway-demo", "version": "1.0.0-rc.1"}),
        }),
        *more,
    ])  # fmt: skip


def report(server: Any, project: str, pushed: Image, tag: str = "v1", *, scan: bool = True) -> dict[str, Any]:
    """Push and scan an image and return its overview."""
    assert server.client().push(f"{project}/web", tag, pushed).status_code == 201
    at = f"/projects/{project}/repositories/web/artifacts/{tag}"
    if scan:
        assert server.call("POST", f"{at}/scan").status_code == 202
    found: dict[str, Any] = {}

    def done() -> bool:
        overview = server.call("GET", at, params={"with_scan_overview": "true"}).json().get("scan_overview", {})
        found.update(overview.get(MIME, {}))
        return found.get("scan_status") in ("Success", "Error")

    wait_until(done, "the scan is done")
    return found


def test_packages_of_all_kinds_are_compared_with_the_advisories(server: Any, project: str) -> None:
    overview = report(server, project, demo())
    assert (overview["scan_status"], overview["severity"]) == ("Success", "Critical")
    assert overview["summary"] == {"total": 4, "fixable": 3, "summary": {"Critical": 1, "Low": 1, "High": 1, "Medium": 1}}
    at = f"/projects/{project}/repositories/web/artifacts/v1"
    full = server.call("GET", f"{at}/additions/vulnerabilities").json()[MIME]
    first = next(each for each in full["vulnerabilities"] if each["id"] == "STAND-IN-2026-0001")
    assert (first["package"], first["version"], first["fix_version"]) == ("slipway-demo-lib", "1.1.9-3", "1.2.0-1")
    assert first["artifact_digests"] == [demo().digest]
    assert full["scanner"]["name"] == "Trivy"
    log = server.call("GET", f"{at}/scan/{overview['report_id']}/log").text
    assert "3 packages, 4 vulnerabilities" in log


def test_what_an_upper_layer_removes_or_replaces_is_not_found(server: Any, project: str) -> None:
    upper = layer({
        "var/lib/dpkg/status": STATUS.format(version="1.2.0-1"),
        "usr/lib/python3/site-packages/.wh.Slipway_Demo-1.9.dist-info": "",
        "app/.wh..wh..opq": "",
    })  # fmt: skip
    overview = report(server, project, demo("1.0-1", upper))
    assert overview["summary"]["summary"] == {"Low": 1}, "only what has no fix"


def test_an_image_without_findings_is_clean(server: Any, project: str) -> None:
    assert report(server, project, image())["severity"] == "None"


def test_a_push_is_scanned_where_the_project_says_so(server: Any) -> None:
    project = server.project(metadata={"auto_scan": "true"})
    assert report(server, project, demo(), scan=False)["severity"] == "Critical"


def test_a_layer_that_cannot_be_read_is_an_error_and_not_a_clean_report(server: Any, project: str) -> None:
    overview = report(server, project, Image([b"\x28\xb5\x2f\xfd no archive"]))
    assert overview["scan_status"] == "Error"
    assert "severity" not in overview
    assert server.call("GET", f"/projects/{project}/repositories/web/artifacts/v1/additions/vulnerabilities").json() == {}


@pytest.mark.parametrize(("version", "status"), [("1.1.9-3", 412), ("1.3", 200)])
def test_a_project_refuses_images_with_grave_findings(server: Any, version: str, status: int) -> None:
    project = server.project(metadata={"prevent_vul": "true", "severity": "critical"})
    pushed = Image([layer({"var/lib/dpkg/status": STATUS.format(version=version)})])
    server.client().push(f"{project}/web", "v1", pushed)
    unscanned = server.client().manifest(f"{project}/web", "v1")
    assert (unscanned.status_code, unscanned.json()["errors"][0]["code"]) == (412, "PROJECTPOLICYVIOLATION")
    report(server, project, pushed)
    assert server.client().manifest(f"{project}/web", "v1").status_code == status


def test_the_one_scanner(server: Any, project: str) -> None:
    listed = server.call("GET", "/scanners").json()
    assert [(each["name"], each["is_default"]) for each in listed] == [("Trivy", True)]
    assert server.call("GET", f"/projects/{project}/scanner").json() == listed[0]
    assert server.call("PUT", f"/projects/{project}/scanner", json={"uuid": listed[0]["uuid"]}).status_code == 200
    assert server.call("GET", f"/scanners/{listed[0]['uuid']}/metadata").json()["capabilities"][0]["produces_mime_types"] == [MIME]
