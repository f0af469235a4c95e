"""Projects."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from sandbox.providers.api import RefusedError, path
from sandbox.providers.harbor.client import repository
from sandbox.providers.harbor.rest import Rest
from sandbox.providers.plugin import UNKNOWN, Context, Failure, Properties, State

GIB: Final = 1 << 30
_SWITCHES: Final = {
    "public": "public",
    "vulnerabilityScanning": "auto_scan",
    "enableContentTrust": "enable_content_trust",
    "enableContentTrustCosign": "enable_content_trust_cosign",
    "autoSbomGeneration": "auto_sbom_generation",
}
_SEVERITIES: Final = ("none", "low", "medium", "high", "critical")


class Project(Rest):
    """A project; with `registryId`, a proxy of another registry. Its quota is not read back."""

    collection: ClassVar = "/projects"
    form: ClassVar = r"/projects/\d+"
    auto_named: ClassVar = True
    in_place: ClassVar = frozenset({*_SWITCHES, "cveAllowlists", "deploymentSecurity", "forceDestroy", "storageQuota"})
    covered: ClassVar = in_place | {"name", "registryId"}
    defaults: ClassVar = {
        **dict.fromkeys(_SWITCHES, False),
        **{"vulnerabilityScanning": True, "forceDestroy": False, "storageQuota": -1},
    }
    lasting: ClassVar = frozenset({"registryId"})
    computed: ClassVar = frozenset({"projectId", "registryId"})

    def check(self, context: Context, old: Properties | None, new: Properties) -> tuple[Properties, list[Failure]]:
        """Complete the inputs; refuse a severity that Harbor does not know."""
        given, failures = super().check(context, old, new)
        severity = given.get("deploymentSecurity", UNKNOWN)
        if severity is not UNKNOWN and severity not in _SEVERITIES:
            failures.append(Failure("deploymentSecurity", f"is {severity!r}: expected one of {', '.join(_SEVERITIES)}"))
        return given, failures

    def listing(self, context: Context, inputs: Properties) -> Mapping[str, Any]:
        """Return the project of this name."""
        found = self.client.project(inputs["name"], context)
        return {f"/projects/{found['project_id']}": found} if found else {}

    def body(self, inputs: Properties) -> Properties:
        """Return the inputs as Harbor's attributes."""
        quota, severity, allowed = inputs["storageQuota"], inputs.get("deploymentSecurity"), inputs.get("cveAllowlists") or []
        return {
            "project_name": inputs["name"],
            **({"registry_id": inputs["registryId"]} if inputs.get("registryId") else {}),
            "storage_limit": quota if quota == -1 else quota * GIB,
            "metadata": {
                **{attribute: _word(inputs[name]) for name, attribute in _SWITCHES.items()},
                "severity": severity or "low",
                "prevent_vul": _word(severity),
                "reuse_sys_cve_allowlist": _word(not allowed),
            },
            "cve_allowlist": {"items": [{"cve_id": each} for each in allowed]} if allowed else {},
        }

    def complete(self, context: Context, identity: str, inputs: Properties, made: Properties) -> Properties:
        """Set the list of allowed vulnerabilities, which a creation does not take."""
        if inputs.get("cveAllowlists"):
            self.client.call("put", identity, self.body(inputs), context=context)
        return {}

    def without_rest(self, inputs: Properties) -> Properties:
        """Return the inputs without that list."""
        return {name: value for name, value in inputs.items() if name != "cveAllowlists"}

    def change(self, context: Context, old: State, inputs: Properties) -> None:
        """Send the whole object; the quota has a place of its own."""
        super().change(context, old, inputs)
        if (old.inputs or {}).get("storageQuota") == inputs["storageQuota"]:
            return
        if not self.client.call("get", "/configurations", context=context)["quota_per_project_enable"]["value"]:
            context.log.warning("Harbor is configured to have no quotas of projects: storageQuota has no effect")
            return
        number = old.id.rpartition("/")[2]
        [quota] = self.client.call("get", "/quotas", context=context, reference="project", reference_id=number)
        hard = {"storage": self.body(inputs)["storage_limit"]}
        self.client.call("put", path("/quotas/{quota}", quota=quota["id"]), {"hard": hard}, context=context)

    def shown(self, context: Context, found: Any, inputs: Properties) -> Properties:
        """Return Harbor's description as inputs and outputs."""
        metadata = found.get("metadata") or {}
        severity, prevents = metadata.get("severity") or "", metadata.get("prevent_vul") == "true"
        return {
            "name": found["name"],
            "projectId": found["project_id"],
            "registryId": found.get("registry_id") or 0,
            **{name: metadata.get(attribute) == "true" for name, attribute in _SWITCHES.items()},
            "deploymentSecurity": severity if prevents != (severity == "none") else "",
            "cveAllowlists": [each["cve_id"] for each in (found.get("cve_allowlist") or {}).get("items") or []],
        }

    def delete(self, context: Context, state: State) -> None:
        """Delete the project, with `forceDestroy` after its repositories. One that holds any is an error otherwise."""
        forced, name = state.outputs.get("forceDestroy"), state.outputs.get("name", state.id)
        try:
            if forced:
                for each in self.client.listed(path("/projects/{name}/repositories", name=name), context):
                    self.client.remove(repository(each["name"]), context=context)
            super().delete(context, state)
        except RefusedError as error:
            if error.status != 412:
                raise
            next_step = (
                "delete the immutable tag rules that keep its tags"
                if forced
                else "set forceDestroy to true and run `pulumi up`, which deletes its images for good with it, or delete its repositories"
            )
            raise RefusedError(f"the project {name} is not empty ({error}); next: {next_step}, then run this again", 412) from None


def _word(value: Any) -> str:
    return "true" if value else "false"
