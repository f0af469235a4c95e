"""What is left in the cluster: what the state names, what the releases' charts made, and the volumes of the stack's namespaces."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

from ops.cluster import Cluster, UnreachableError
from ops.left import Resources, Section, named

RELEASE = "kubernetes:helm.sh/v3:Release"
NAMESPACE = "kubernetes:core/v1:Namespace"


@dataclass(frozen=True)
class Thing:
    """An object of the API server."""

    api_version: str
    kind: str
    name: str
    namespace: str | None = None


def look(resources: Resources, stays: frozenset[str]) -> Section | None:
    """Look for every object. A cluster that does not answer is a problem; for one that is known to be gone do not ask."""
    things = dict(_things(resources))
    if not things:
        return None
    section = Section(system="cluster", looked_for=len(things))
    try:
        cluster = Cluster.of(resources)
        for thing, urn in things.items():
            found = cluster.find(thing.api_version, thing.kind, thing.name, thing.namespace)
            if found is not None:
                (section.kept if urn in stays else section.left).append(_told(found))
        for namespace in _namespaces(resources, stays):
            section.left += [f"volume {each} of {namespace}" for each in cluster.volumes(namespace)]
    except (UnreachableError, ApiException, HTTPError) as error:
        section.problem = f"the API server does not answer ({type(error).__name__}), so what is left there is not known"
    return section


def _things(resources: Resources) -> Iterator[tuple[Thing, str]]:
    for each in resources:
        if each["type"] == RELEASE:
            namespace = str(named(each).get("namespace") or "default")
            for key, names in ((each.get("outputs") or {}).get("resourceNames") or {}).items():
                yield from ((thing, each["urn"]) for name in names if (thing := _of_chart(key, str(name), namespace)))
        elif each["type"].startswith("kubernetes:") and (metadata := named(each).get("metadata")):
            known = named(each)
            yield Thing(known["apiVersion"], known["kind"], metadata["name"], metadata.get("namespace")), each["urn"]


def _of_chart(key: str, name: str, namespace: str) -> Thing | None:
    """An object of a release, as its provider lists it: `Deployment.apps/apps/v1` or `ConfigMap/v1`, and `namespace/name` or `name`."""
    kind, _, api_version = key.partition("/")
    kind = kind.partition(".")[0]
    place, _, short = name.rpartition("/")
    return Thing(api_version, kind, short, place or namespace) if kind and api_version else None


def _namespaces(resources: Resources, stays: frozenset[str]) -> Iterator[str]:
    for each in resources:
        if each["type"] == NAMESPACE and each["urn"] not in stays:
            yield str(named(each)["metadata"]["name"])


def _told(found: Mapping[str, Any]) -> str:
    metadata = found["metadata"]
    place = f"{metadata['namespace']}/" if metadata.get("namespace") else ""
    name = f"{found['kind']} {place}{metadata['name']}"
    if not metadata.get("deletionTimestamp"):
        return name
    return (
        f"{name}, being deleted since {metadata['deletionTimestamp']}, waits for {', '.join(metadata.get('finalizers') or ['its content'])}"
    )
