"""What an operation would do, as the API server says without doing it."""

from sandbox.providers.kubernetes import ownership
from sandbox.providers.kubernetes.api import Api, MissingKindError, absent_namespace
from sandbox.providers.kubernetes.apply import RefusedError, apply, explain, placed
from sandbox.providers.kubernetes.objects import PATCH_FIELD_MANAGER, annotation, has_unknown, metadata
from sandbox.providers.kubernetes.outputs import as_preview, as_state
from sandbox.providers.kubernetes.transport import ApiError, UnreachableError
from sandbox.providers.plugin import Properties, State


def changes_nothing(api: Api, item: Properties, manager: str, *, force: bool) -> bool:
    """Whether applying an object would change nothing but the way its values are written."""
    if (annotation(item, PATCH_FIELD_MANAGER) or manager) != manager:
        return False
    try:
        kind = api.kind(item)
        live = api.get(kind, metadata(item).get("namespace"), metadata(item)["name"])
        applied = apply(api, kind, item, manager, force=force, dry_run=True)
    except (MissingKindError, RefusedError, ApiError, UnreachableError):
        return False
    return live is not None and ownership.essence(live, manager) == ownership.essence(applied, manager)


def created(api: Api, inputs: Properties, manager: str) -> State:
    """Return what a new object would be. Raises RefusedError, with what is wrong with it."""
    # Forced, since nothing is owned yet and a replacement's former object may still be there.
    live = _applied(api, inputs, manager, force=True, fresh=True)
    return as_preview(live, inputs, manager) if live else State("", inputs)


def updated(api: Api, old: State, inputs: Properties, manager: str, *, force: bool) -> State:
    """Return what a changed object would be. Raises RefusedError, with what is wrong with it."""
    live = _applied(api, inputs, manager, force=force, fresh=False)
    return State(old.id, as_state(live, manager).outputs if live else inputs)


def _applied(api: Api, inputs: Properties, manager: str, *, force: bool, fresh: bool) -> Properties | None:
    """Return the object, or None where it cannot be told yet: the cluster, the kind, the namespace or a value is still to come."""
    if has_unknown(inputs):
        return None
    try:
        kind = api.kind(inputs)
        return apply(api, kind, placed(inputs, kind), manager, force=force, dry_run=True)
    except (MissingKindError, UnreachableError):
        return None
    except ApiError as error:
        replaced = fresh and error.status == 422 and "immutable" in str(error)
        if error.status == 403 or absent_namespace(error) or replaced:
            return None
        raise explain(inputs, error) from None
