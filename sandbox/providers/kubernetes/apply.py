"""Server-side apply, with the conflicts that it finds put into words.

https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from sandbox.providers.kubernetes.api import Api
from sandbox.providers.kubernetes.objects import PATCH_FORCE, is_set, metadata, title, with_metadata, without_nulls
from sandbox.providers.kubernetes.ownership import owns
from sandbox.providers.kubernetes.transport import ApiError, Kind
from sandbox.providers.plugin import Properties

_BY_HAND: Final = ("kubectl", "before-first-apply", "pulumi-kubernetes", "pulumi-resource-kubernetes")
"""Managers whose fields are taken over without asking, as the official provider does: people's, and other Pulumi versions'."""
_MANAGER: Final = re.compile(r'conflict with "([^"]+)"')


class RefusedError(RuntimeError):
    """The API server refused an object, for a reason that a user can act on."""


def apply(api: Api, kind: Kind, item: Properties, manager: str, *, force: bool = False, dry_run: bool = False) -> Properties:
    """Apply an object and return it as it is now. Raises RefusedError, ApiError and UnreachableError."""
    force = force or is_set(item, PATCH_FORCE)
    try:
        return api.apply(kind, item, manager, force=force, dry_run=dry_run)
    except ApiError as error:
        if error.reason != "Conflict" or not error.causes:
            raise
        if not _all_by_hand(error):
            raise RefusedError(_conflict(item, error)) from None
    return api.apply(kind, item, manager, force=True, dry_run=dry_run)


def relinquish(api: Api, kind: Kind, item: Properties, manager: str) -> Properties:
    """Give up what a manager owns of an object, by applying nothing: it would hold on to fields that are removed later."""
    name = {key: value for key, value in metadata(item).items() if key in ("name", "namespace")}
    return api.apply(kind, {"apiVersion": item["apiVersion"], "kind": item["kind"], "metadata": name}, manager, force=False, dry_run=False)


def placed(inputs: Properties, kind: Kind) -> Properties:
    """Return the object to send: without a namespace where the kind has none."""
    item: Properties = without_nulls(inputs)
    return item if kind.namespaced else with_metadata(item, namespace=None)


def explain(item: Mapping[str, Any], error: ApiError) -> RefusedError:
    """Return the API server's refusal as an error that names the object and shows none of a Secret's values."""
    hint = "; replace the object with the option replace_on_changes" if error.status == 422 and "immutable" in str(error) else ""
    return RefusedError(f"{title(item)} is refused by the API server: {redacted(item, str(error))}{hint}")


def redacted(item: Mapping[str, Any], message: str) -> str:
    """Return a message without the values of a Secret, which the API server quotes where they have the wrong type."""
    if item.get("kind") != "Secret":
        return message
    values = {
        str(value) for section in ("data", "stringData") if isinstance(item.get(section), Mapping) for value in item[section].values()
    }
    for value in sorted(filter(None, values), key=len, reverse=True):
        pattern = re.escape(value) if len(value) > 3 else rf"(?<!\w){re.escape(value)}(?!\w)"
        message = re.sub(pattern, "[secret]", message)
    return message


def existing(item: Mapping[str, Any]) -> RefusedError:
    """Return the error for an object to be created that is there already."""
    return RefusedError(
        f"{title(item)} exists already. Bring it into the state with `pulumi import`, keep a renamed resource's object with an alias, "
        "choose another name, or set upsertExistingObjects on the provider to take it over"
    )


def without_ignored(
    item: Properties, live: Mapping[str, Any], ignored: list[tuple[str | int, ...]], fields: Mapping[str, Any]
) -> Properties:
    """Return an object with the ignored fields as they are in the cluster: left out where another manager has them.

    `fields` are those that our manager owns. Paths through lists are left to the engine, which puts the last inputs there.
    """
    for path in ignored:
        steps = [step for step in path if isinstance(step, str)]
        value = _at(live, steps)
        if len(steps) != len(path) or not steps or value is None:
            continue
        item = _with(item, steps, value if owns(fields, path) else None)
    return item


def _all_by_hand(error: ApiError) -> bool:
    managers = [_MANAGER.search(str(cause.get("message"))) for cause in error.causes]
    return all(found is not None and found[1].startswith(_BY_HAND) and not found[1].startswith("pulumi-kubernetes-") for found in managers)


def _conflict(item: Mapping[str, Any], error: ApiError) -> str:
    fields = "; ".join(f"{str(cause.get('field', '')).lstrip('.')} ({cause.get('message')})" for cause in error.causes)
    return (
        f"{title(item)} has fields that another field manager owns: {fields}. Remove them from the program, or ignore them with "
        f'ignore_changes, or take them over with the annotation {PATCH_FORCE}: "true" (enablePatchForce on the provider, for all resources)'
    )


def _at(value: Any, steps: list[str]) -> Any:
    for step in steps:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _with(item: Properties, steps: list[str], value: Any) -> Properties:
    """Return a copy with the value at a path, or without the path where the value is None."""
    first, *rest = steps
    if rest:
        below = item.get(first)
        return {**item, first: _with(dict(below) if isinstance(below, Mapping) else {}, rest, value)}
    return {**{name: old for name, old in item.items() if name != first}, **({} if value is None else {first: value})}
