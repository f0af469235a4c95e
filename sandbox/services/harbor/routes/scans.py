"""Scans, their reports, and the one scanner."""

import json
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, Response

from sandbox.services.harbor import content
from sandbox.services.harbor.call import Call, repository_name
from sandbox.services.harbor.errors import bad_request, not_found
from sandbox.services.harbor.router import route
from sandbox.services.harbor.routes import artifacts
from sandbox.services.harbor.scan.report import MIME, OLD_MIME, SCANNER
from sandbox.services.harbor.store import Row

UUID = "8f5c2f54-0000-4000-8000-000000000001"
MANIFESTS = [
    "application/vnd.docker.distribution.manifest.v2+json", "application/vnd.oci.image.manifest.v1+json",
]  # fmt: skip
TIME = "2026-01-01T00:00:00.000Z"
REGISTRATION: dict[str, Any] = {
    "uuid": UUID, "name": SCANNER["name"], "description": "The stand-in's own scanner: real packages, made-up advisories.",
    "url": "http://harbor-core", "disabled": False, "is_default": True, "auth": "", "access_credential": "", "skip_certVerify": False,
    "use_internal_addr": True, "create_time": TIME, "update_time": TIME, "adapter": SCANNER["name"], "vendor": SCANNER["vendor"],
    "version": SCANNER["version"], "health": "healthy", "capabilities": {"support_vulnerability": True, "support_sbom": False},
}  # fmt: skip


@route("POST", f"{artifacts.ONE}/scan", status=202)
def scan(call: Call) -> None:
    """Begin a scan for vulnerabilities."""
    call.project("scan", "create")
    artifact = _artifact(call)
    kind = call.fields({"scan_type": str}).get("scan_type", "vulnerability") if call.body is not None else "vulnerability"
    if kind != "vulnerability":
        raise bad_request(f"the configured scanner Trivy does not support scan type {kind}")
    if artifact["type"] != "IMAGE":
        raise bad_request(f"the configured scanner Trivy does not support scanning artifact with mime type {artifact['media_type']}")
    call.harbor.scan(artifact["id"])


@route("GET", f"{artifacts.ONE}/scan/{{report_id}}/log")
def scan_log(call: Call) -> Response:
    """Show what the scanner said."""
    call.project("scan", "read")
    report = _report(call, _artifact(call))
    if report is None or report["report_id"] != call.path["report_id"]:
        raise not_found(f"report {call.path['report_id']}")
    return PlainTextResponse(report["log"])


@route("GET", f"{artifacts.ONE}/additions/vulnerabilities")
def vulnerabilities(call: Call) -> Response:
    """Show the report by its kind; nothing if there is none."""
    call.project("artifact-addition", "read")
    report = _report(call, _artifact(call))
    accepted = call.headers.get("x-accept-vulnerabilities", MIME)
    kind = MIME if MIME in accepted or OLD_MIME not in accepted else OLD_MIME
    return JSONResponse({kind: json.loads(report["report"])} if report and report["status"] == "Success" else {})


@route("GET", f"{artifacts.ONE}/additions/{{addition}}")
def addition(call: Call) -> Response:
    """Show the history of an image's build; other additions there are none."""
    call.project("artifact-addition", "read")
    artifact, wanted = _artifact(call), call.path["addition"]
    manifest = artifacts.manifest_of(artifact)
    if wanted != "build_history" or not manifest.config:
        raise bad_request(f"addition {wanted} isn't supported for {artifact['type']}")
    config = json.loads(call.harbor.registry.blob(repository_name(call), manifest.config["digest"], 8 << 20))
    return JSONResponse(config.get("history") or [])


@route("GET", "/scanners", paged=True)
def list_scanners(call: Call) -> Any:
    """List the one scanner."""
    call.system("scanner", "list")
    return [REGISTRATION]


@route("GET", "/scanners/{registration_id}")
def get_scanner(call: Call) -> Any:
    """Show the scanner."""
    call.system("scanner", "read")
    return _scanner(call, REGISTRATION)


@route("GET", "/scanners/{registration_id}/metadata")
def scanner_metadata(call: Call) -> Any:
    """Show what the scanner can do."""
    call.system("scanner", "read")
    able = {"type": "vulnerability", "consumes_mime_types": MANIFESTS, "produces_mime_types": [MIME]}
    return _scanner(call, {"scanner": SCANNER, "capabilities": [able], "properties": {"harbor.scanner-adapter/registry": "stand-in"}})


@route("GET", "/projects/{project_name_or_id}/scanner")
def project_scanner(call: Call) -> Any:
    """Show the scanner of a project, which is the one."""
    call.project("scanner", "read")
    return REGISTRATION


@route("GET", "/projects/{project_name_or_id}/scanner/candidates", paged=True)
def candidates(call: Call) -> Any:
    """List what a project may choose its scanner from."""
    call.project("scanner", "create")
    return [REGISTRATION]


@route("PUT", "/projects/{project_name_or_id}/scanner")
def set_project_scanner(call: Call) -> None:
    """Choose the one scanner."""
    call.project("scanner", "create")
    call.path["registration_id"] = call.fields({"uuid": str}, ("uuid",))["uuid"]
    _scanner(call, None)


def _scanner(call: Call, answer: Any) -> Any:
    if call.path["registration_id"] != UUID:
        raise not_found(f"scanner {call.path['registration_id']}")
    return answer


def _artifact(call: Call) -> Row:
    return content.require_artifact(call.harbor.db, repository_name(call), call.path["reference"])


def _report(call: Call, artifact: Row) -> Row | None:
    return call.harbor.db.one("SELECT * FROM reports WHERE artifact_id = ?", artifact["id"])
