"""The types whose names end in `Patch`: fields added to an object of another owner, and given up again at the end.

https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/
"""

from typing import Final

from sandbox.providers.kubernetes.api import Api, MissingKindError
from sandbox.providers.kubernetes.apply import RefusedError, explain, placed, relinquish
from sandbox.providers.kubernetes.objects import metadata, split_identity, title
from sandbox.providers.kubernetes.outputs import manager_in
from sandbox.providers.kubernetes.ownership import manager_of
from sandbox.providers.kubernetes.resource import KubernetesObject
from sandbox.providers.kubernetes.transport import ApiError, Kind, UnreachableError
from sandbox.providers.plugin import Context, Failure, Properties, State
from sandbox.providers.waiting import until

SUFFIX: Final = "Patch"
_SECONDS: Final = 10.0
"""How long the owner may take to make the object: the default ServiceAccount comes a moment after its namespace."""


class KubernetesPatch(KubernetesObject):
    """A patch of one kind of object. Its `kind` is the object's."""

    def check(self, context: Context, old: Properties | None, new: Properties) -> tuple[Properties, list[Failure]]:
        """Ask for the object's name: it cannot be made up. See `Resource.check`."""
        inputs, failures = super().check(context, old, new)
        if not metadata(new).get("name"):
            failures = [*failures, Failure("metadata.name", "is missing: expected the name of the object to patch")]
        return inputs, failures

    def delete(self, context: Context, state: State) -> None:
        """Give the fields up; the object stays. See `Resource.delete`."""
        namespace, name = split_identity(state.id)
        item = {"apiVersion": self.api_version, "kind": self.kind, "metadata": {"name": name, "namespace": namespace}}
        try:
            api = self._api(context)
            kind = api.kind(item)
            if api.get(kind, namespace, name) is not None:
                relinquish(api, kind, placed(item, kind), manager_in(state.outputs) or manager_of(context.urn))
        except MissingKindError:
            return
        except ApiError as error:
            if error.status != 404:
                raise explain(item, error) from None
        except UnreachableError:
            if not self.transport.settings.delete_unreachable:
                raise

    def _make_room(self, api: Api, context: Context, kind: Kind, item: Properties) -> None:
        """Wait for the object. Raises RefusedError where it does not come."""
        name = metadata(item)
        try:
            until(context, lambda: api.get(kind, name.get("namespace"), name["name"]), _SECONDS, f"{title(item)} to be there")
        except TimeoutError:
            raise RefusedError(f"{title(item)} does not exist, so there is nothing to patch: create it, or correct the name") from None
