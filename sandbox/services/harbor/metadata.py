"""The settings of a project, which Harbor keeps as text."""

from typing import Any

from sandbox.services.harbor.errors import bad_request

FLAGS = (
    "public", "enable_content_trust", "enable_content_trust_cosign", "prevent_vul", "auto_scan", "auto_sbom_generation",
    "reuse_sys_cve_allowlist", "proxy_cache_local_on_not_found",
)  # fmt: skip
NUMBERS = ("proxy_speed_kb", "max_upstream_conn", "retention_id")
SEVERITIES = ("none", "negligible", "low", "medium", "high", "critical")


def checked(given: dict[str, Any]) -> dict[str, str]:
    """Return the settings in `given` that Harbor knows and that are not empty; ApiError 400 if a value does not fit."""
    found = {}
    for name, value in given.items():
        if value in (None, ""):
            continue
        text = str(value).lower()
        if name in FLAGS:
            if text not in ("true", "false"):
                raise bad_request(f"metadata.{name} should only be 'true' or 'false', but got: '{value}'")
        elif name in NUMBERS:
            if not text.removeprefix("-").isdecimal():
                raise bad_request(f"metadata.{name} should be a number, but got: '{value}'")
        elif name == "severity":
            if text not in SEVERITIES:
                raise bad_request(f"metadata.severity should be one of {', '.join(SEVERITIES)}, but got: '{value}'")
        else:
            continue
        found[name] = text
    return found
