"""Definitions, storage and namespaces."""

from typing import Final

from sandbox.providers.kubernetes.objects import annotation, metadata
from sandbox.providers.kubernetes.ready.pods import last_event
from sandbox.providers.kubernetes.ready.verdict import Failed, Ready, Related, Verdict, Waiting, because, condition, is_true, status
from sandbox.providers.plugin import Properties

_DEFAULT_CLASS: Final = "storageclass.kubernetes.io/is-default-class"


def custom_resource_definition(item: Properties, _: Related) -> Verdict:
    """A definition is ready when the API server serves its objects."""
    if is_true(item, "Established"):
        return Ready()
    names = condition(item, "NamesAccepted")
    if names.get("status") == "False":
        return Failed(because("its names are taken", str(names.get("message") or "")))
    return Waiting("the API server does not serve it yet")


def claim(item: Properties, related: Related) -> Verdict:
    """A claim is ready when it is bound, or when its class waits for the first pod that uses it."""
    phase = status(item).get("phase")
    if phase == "Bound":
        return Ready()
    if phase == "Lost":
        return Failed("its volume is gone")
    name = (item.get("spec") or {}).get("storageClassName")
    classes = related.get("StorageClass", [])
    chosen = [
        found
        for found in classes
        if (metadata(found).get("name") == name if name is not None else annotation(found, _DEFAULT_CLASS) == "true")
    ]
    if phase == "Pending" and any(found.get("volumeBindingMode") == "WaitForFirstConsumer" for found in chosen):
        return Ready()
    if not chosen and name != "":
        known = ", ".join(sorted(str(metadata(found).get("name")) for found in classes)) or "none"
        return Waiting(f"there is no {f'storage class {name!r}' if name else 'default storage class'}; the cluster has {known}")
    return Waiting(because("not bound to a volume", last_event(item, related.get("Event", []))))


def volume(item: Properties, _: Related) -> Verdict:
    """A volume is ready when it can be, or is, claimed."""
    phase = status(item).get("phase")
    return Ready() if phase in ("Available", "Bound") else Waiting(f"its phase is {phase or 'not set'}")


def namespace(item: Properties, _: Related) -> Verdict:
    """A namespace is ready when it is active."""
    phase = status(item).get("phase")
    return Ready() if phase == "Active" else Waiting(f"its phase is {phase or 'not set'}")


def token_secret(item: Properties, _: Related) -> Verdict:
    """A Secret for a service account's token is ready when the token is in it."""
    if item.get("type") != "kubernetes.io/service-account-token" or item.get("data"):
        return Ready()
    return Waiting("no token has been written into it; does its service account exist?")
