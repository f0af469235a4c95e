"""Any kind of Kubernetes object as a Pulumi resource."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from sandbox.providers import differ
from sandbox.providers.kubernetes import checks, dry_run, immutable, naming, ownership
from sandbox.providers.kubernetes.api import Api, MissingKindError
from sandbox.providers.kubernetes.apply import apply, existing, explain, placed, relinquish, without_ignored
from sandbox.providers.kubernetes.awaiting import NotReadyError, until_gone, until_ready
from sandbox.providers.kubernetes.delete import delete
from sandbox.providers.kubernetes.objects import (
    PATCH_FIELD_MANAGER,
    annotation,
    assumed_namespaced,
    has_unknown,
    identity,
    metadata,
    split_identity,
    with_dashes,
    with_metadata,
    without_nulls,
)
from sandbox.providers.kubernetes.outputs import as_state, manager_in
from sandbox.providers.kubernetes.transport import ApiError, Kind, Transport, UnreachableError
from sandbox.providers.plugin import Context, Diff, Failure, PartialError, Properties, Resource, State

_EXPECTED: Final = 30.0
_GONE_CLUSTER: Final = (
    "If the cluster was deleted, set deleteUnreachable on the provider (or PULUMI_K8S_DELETE_UNREACHABLE=true) to remove its objects "
    "from the state"
)


@dataclass(frozen=True)
class KubernetesObject(Resource):
    """One kind, of the apiVersion in the type token."""

    transport: Transport
    api_version: str
    kind: str

    def check(self, context: Context, old: Properties | None, new: Properties) -> tuple[Properties, list[Failure]]:
        """Give the object its name and namespace. See `Resource.check`."""
        new = {"apiVersion": self.api_version, "kind": self.kind, **new}
        if self.kind == "CustomResourceDefinition":
            new = with_dashes(new)
        failures = checks.failures(self.kind, new)
        if failures:
            return new, failures
        named = naming.named(context.urn, old, new)
        if self._namespaced(context, named) and isinstance(named.get("metadata"), Mapping) and not metadata(named).get("namespace"):
            named = with_metadata(named, namespace=self.transport.settings.namespace)
        return named, []

    def diff(self, context: Context, old: State, new: Properties) -> Diff:
        """Compare the inputs; what the API server takes for equal (cpu `1000m` and `1`) is no change. See `Resource.diff`."""
        before, after = (self._placed(context, item) for item in (old.inputs or {}, new))
        found = differ.compare(
            before,
            after,
            immutable.replacing(before, after, self.transport.settings.mutable),
            delete_before_replace=naming.must_delete_first(before, after),
        )
        found = differ.without(found, context.ignore_changes)
        if (
            found.changes
            and not found.replaces
            and not has_unknown(new)
            and self._changes_nothing(context, manager_in(old.outputs) or ownership.manager_of(context.urn), after)
        ):
            return Diff()
        return found

    def create(self, context: Context, inputs: Properties) -> State:
        """Apply an object that is not there yet, and wait until it is ready. See `Resource.create`."""
        manager = annotation(inputs, PATCH_FIELD_MANAGER) or ownership.manager_of(context.urn)
        if context.preview:
            return dry_run.created(self._quick(context), inputs, manager)
        api = replace(self._api(context), expected=_EXPECTED)
        try:
            kind = api.kind(inputs)
            item = placed(inputs, kind)
            self._make_room(api, context, kind, item)
            live = apply(api, kind, item, manager, force=self.transport.settings.force)
        except ApiError as error:
            raise explain(inputs, error) from None
        return self._when_ready(api, context, inputs, live, manager)

    def update(self, context: Context, old: State, inputs: Properties) -> State:
        """Apply the new inputs, and wait until the object is ready. See `Resource.update`."""
        former = manager_in(old.outputs) or ownership.manager_of(context.urn)
        manager = annotation(inputs, PATCH_FIELD_MANAGER) or former
        if context.preview:
            return dry_run.updated(self._quick(context), old, inputs, manager, force=self.transport.settings.force)
        api = self._api(context)
        try:
            kind = api.kind(inputs)
            item = placed(inputs, kind)
            live = apply(api, kind, self._without_ignored(api, context, kind, item, former), manager, force=self.transport.settings.force)
            if manager != former:
                live = relinquish(api, kind, item, former)
        except ApiError as error:
            raise explain(inputs, error) from None
        return self._when_ready(api, context, inputs, live, manager)

    def read(self, context: Context, state: State) -> State | None:
        """Read the live object; its inputs are the declared ones with the values that they have now. See `Resource.read`."""
        api = self._api(context)
        settings = self.transport.settings
        try:
            kind = api.kind({"apiVersion": self.api_version, "kind": self.kind})
            namespace, name = split_identity(state.id)
            live = api.get(kind, namespace or (settings.namespace if kind.namespaced else None), name)
        except MissingKindError:
            return None
        except UnreachableError as error:
            if settings.delete_unreachable:
                context.log.warning(f"{state.id} leaves the state, because {error}")
                return None
            if settings.skip_update_unreachable:
                return state
            raise UnreachableError(f"{error}. {_GONE_CLUSTER}") from None
        if live is None:
            return None
        manager = manager_in(state.outputs) or ownership.applied_by(live) or ownership.manager_of(context.urn)
        inputs = self._live_inputs(context, state, live, manager)
        return replace(as_state(live, manager), id=state.id if "/" in state.id or not kind.namespaced else identity(live), inputs=inputs)

    def delete(self, context: Context, state: State) -> None:
        """Delete the object and wait until it is gone. See `Resource.delete`."""
        try:
            delete(self._api(context), context, state.id, {"apiVersion": self.api_version, "kind": self.kind, **(state.inputs or {})})
        except UnreachableError as error:
            if not self.transport.settings.delete_unreachable:
                raise UnreachableError(f"{error}. {_GONE_CLUSTER}") from None
            context.log.warning(f"{state.id} leaves the state without being deleted, because {error}")

    def _api(self, context: Context) -> Api:
        return Api(self.transport, context.log, context.cancelled)

    def _quick(self, context: Context) -> Api:
        """Return an API for previews and comparisons, which do without a cluster that does not answer."""
        return Api(self.transport, context.log, context.cancelled, patience=5.0)

    def _namespaced(self, context: Context, item: Properties) -> bool:
        """Whether the kind has namespaces: as the cluster says, else as it is usual."""
        try:
            return self._quick(context).kind(item).namespaced
        except (MissingKindError, UnreachableError, ApiError):
            return assumed_namespaced(self.kind)

    def _placed(self, context: Context, item: Properties) -> Properties:
        """Return inputs as they are compared: a namespace counts on namespaced kinds only."""
        item = without_nulls(item)
        if not isinstance(item.get("metadata"), Mapping):
            return item
        return with_metadata(item, namespace=(metadata(item).get("namespace") or "default") if self._namespaced(context, item) else None)

    def _make_room(self, api: Api, context: Context, kind: Kind, item: Properties) -> None:
        """Refuse to take over an object; wait for one that is being deleted."""
        found = metadata(item)
        current = api.get(kind, found.get("namespace"), found["name"])
        if current and metadata(current).get("deletionTimestamp"):
            until_gone(api, context, item, current)
        elif current and not self.transport.settings.upsert:
            raise existing(item)

    def _live_inputs(self, context: Context, state: State, live: Properties, manager: str) -> Properties:
        """Return the declared inputs with the values of the live object, or of an object to import."""
        known = state.inputs or {}
        if not known.get("kind"):
            return ownership.imported_inputs(live)
        found = ownership.refreshed_inputs(live, known)
        # The server writes some values its own way (cpu `1` for `1000m`): no drift.
        return known if found != known and self._changes_nothing(context, manager, self._placed(context, known)) else found

    def _changes_nothing(self, context: Context, manager: str, item: Properties) -> bool:
        return dry_run.changes_nothing(self._quick(context), item, manager, force=self.transport.settings.force)

    def _without_ignored(self, api: Api, context: Context, kind: Kind, item: Properties, manager: str) -> Properties:
        if not context.ignore_changes:
            return item
        live = api.get(kind, metadata(item).get("namespace"), metadata(item)["name"]) or {}
        return without_ignored(item, live, [differ.parse(path) for path in context.ignore_changes], ownership.owned_fields(live, manager))

    def _when_ready(self, api: Api, context: Context, inputs: Properties, live: Properties, manager: str) -> State:
        try:
            return as_state(until_ready(api, context, inputs, live), manager)
        except NotReadyError as error:
            raise PartialError(str(error), as_state(error.item, manager)) from None
        except (ApiError, UnreachableError) as error:
            raise PartialError(f"{identity(live)} was applied, but waiting for it failed: {error}", as_state(live, manager)) from None
