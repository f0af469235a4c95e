"""Other registries, which Harbor reads or replicates to."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from sandbox.providers.api import RefusedError
from sandbox.providers.harbor.rest import Rest
from sandbox.providers.plugin import UNKNOWN, Context, Failure, Properties, State

_TYPES: Final = {
    **{"alibaba": "ali-acr", "artifact-hub": "artifact-hub", "aws": "aws-ecr", "azure": "azure-acr", "docker-hub": "docker-hub"},
    **{"docker-registry": "docker-registry", "gitlab": "gitlab", "github": "github-ghcr", "google": "google-gcr", "harbor": "harbor"},
    **{"helm": "helm-hub", "huawei": "huawei-SWR", "jfrog": "jfrog-artifactory", "quay": "quay"},
}
_NAMES: Final = {kind: name for name, kind in _TYPES.items()}


class Registry(Rest):
    """Another registry. Its secret is never read back."""

    collection: ClassVar = "/registries"
    form: ClassVar = r"/registries/\d+"
    auto_named: ClassVar = True
    in_place: ClassVar = frozenset({"name", "description", "endpointUrl", "accessId", "accessSecret", "insecure"})
    covered: ClassVar = in_place | {"providerName"}
    defaults: ClassVar = {"description": "", "accessId": "", "accessSecret": "", "insecure": False}
    computed: ClassVar = frozenset({"registryId", "status"})

    def check(self, context: Context, old: Properties | None, new: Properties) -> tuple[Properties, list[Failure]]:
        """Complete the inputs; refuse a kind of registry that the provider does not know."""
        given, failures = super().check(context, old, new)
        kind = given.get("providerName", UNKNOWN)
        if kind is not UNKNOWN and kind not in _TYPES:
            failures.append(Failure("providerName", f"is {kind!r}: expected one of {', '.join(_TYPES)}"))
        return given, failures

    def listing(self, context: Context, inputs: Properties) -> Mapping[str, Any]:
        """Return the registries."""
        return {f"/registries/{each['id']}": each for each in self.client.listed(self.collection, context)}

    def body(self, inputs: Properties) -> Properties:
        """Return the inputs as Harbor's attributes."""
        login = {"type": "basic", "access_key": inputs["accessId"], "access_secret": inputs["accessSecret"]}
        return {**self._settings(inputs), "type": _TYPES[inputs["providerName"]], "credential": login}

    def change(self, context: Context, old: State, inputs: Properties) -> None:
        """Send the whole object, whose form differs from that of a creation."""
        login = {"access_key": inputs["accessId"], "access_secret": inputs["accessSecret"]}
        self.client.call("put", old.id, {**self._settings(inputs), **login}, context=context)

    def shown(self, context: Context, found: Any, inputs: Properties) -> Properties:
        """Return Harbor's description as inputs and outputs."""
        return {
            "name": found["name"],
            "description": found.get("description") or "",
            "endpointUrl": found["url"],
            "accessId": (found.get("credential") or {}).get("access_key") or "",
            "insecure": bool(found.get("insecure")),
            "providerName": _NAMES.get(found["type"], found["type"]),
            "registryId": found["id"],
            "status": found.get("status") or "",
        }

    def delete(self, context: Context, state: State) -> None:
        """Delete it. One that a project is a proxy of is an error."""
        try:
            super().delete(context, state)
        except RefusedError as error:
            if error.status != 412:
                raise
            raise RefusedError(f"{error}; next: delete the projects and replications that use it, then run this again", 412) from None

    def _settings(self, inputs: Properties) -> Properties:
        return {
            "name": inputs["name"],
            "description": inputs["description"],
            "url": inputs["endpointUrl"],
            "insecure": inputs["insecure"],
        }
