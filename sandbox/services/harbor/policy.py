"""What a project lets be pulled: with `prevent_vul`, nothing with vulnerabilities from its `severity` on."""

import json

from sandbox.services.harbor.errors import violation
from sandbox.services.harbor.instance import Harbor, metadata
from sandbox.services.harbor.store import Row

ORDER = ("none", "unknown", "negligible", "low", "medium", "high", "critical")


def check_pull(harbor: Harbor, project: Row, artifact: Row) -> None:
    """Raise ApiError 412 if the policy of `project` is against pulling `artifact`."""
    settings = metadata(project)
    if settings.get("prevent_vul") != "true" or "manifests" in json.loads(artifact["body"]):
        return
    limit = settings.get("severity", "low")
    report = harbor.db.one("SELECT * FROM reports WHERE artifact_id = ?", artifact["id"])
    if report is None or report["status"] != "Success":
        raise violation(
            "current image without vulnerability scanning cannot be pulled due to configured policy in 'Prevent images with vulnerability "
            f'severity of "{limit}" or higher from running.\' To continue with pull, please contact your project administrator for help.'
        )
    allowed = {each["cve_id"] for each in json.loads(project["cve_allowlist"])["items"]}
    found = [each for each in json.loads(report["report"])["vulnerabilities"] if each["id"] not in allowed]
    worst = max((ORDER.index(each["severity"].lower()) for each in found), default=0)
    if worst and worst >= ORDER.index(limit):
        raise violation(
            f"current image with {len(found)} vulnerabilities cannot be pulled due to configured policy in 'Prevent images with "
            f'vulnerability severity of "{limit}" or higher from running.\' To continue with pull, please contact your project '
            "administrator for help."
        )
