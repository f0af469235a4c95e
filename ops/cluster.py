"""A stack's cluster as teardown sees it: whether it answers, what is there, and what hangs."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException
from kubernetes.config.config_exception import ConfigException
from kubernetes.dynamic import DynamicClient
from kubernetes.dynamic.exceptions import NotFoundError, ResourceNotFoundError
from urllib3.exceptions import HTTPError

from ops.left import Resources, provider
from ops.stack import plain

SECONDS = 10
ARGO = "argoproj.io/v1alpha1"
HANGING = ("Application", "ApplicationSet", "AppProject")
"""Kinds whose finalizers need somebody who may be gone: Argo CD's own."""


class UnreachableError(Exception):
    """The cluster does not answer, or the way to it is not known any more."""


class Cluster:
    """The cluster of a stack. Raises UnreachableError where it does not answer."""

    def __init__(self, api: Any) -> None:
        try:
            # Of this cluster alone: the client's own file would be taken for that of an earlier cluster at the same address.
            self._folder = tempfile.TemporaryDirectory()
            self._dynamic = DynamicClient(api, cache_file=str(Path(self._folder.name) / "discovery"))  # type: ignore[no-untyped-call]
        except (HTTPError, ApiException, OSError) as error:
            raise UnreachableError(str(error)) from None

    @classmethod
    def of(cls, resources: Resources) -> "Cluster":
        """The cluster of the stack's provider for Kubernetes. Raises UnreachableError."""
        settings = provider(resources, "kubernetes")
        if settings is None:
            raise UnreachableError("the stack has no cluster")
        given, context = str(plain(settings.get("kubeconfig", ""))), plain(settings.get("context"))
        try:
            known = yaml.safe_load(given if _is_text(given) else Path(given).expanduser().read_text())
            api = config.new_client_from_config_dict(known, context=context)  # type: ignore[no-untyped-call]
        except (ConfigException, TypeError, yaml.YAMLError, OSError) as error:
            raise UnreachableError(f"no kubeconfig that fits: {type(error).__name__}") from None
        configuration = api.configuration
        configuration.retries = False
        try:
            client.VersionApi(api).get_code(_request_timeout=SECONDS)
        except (HTTPError, ApiException, OSError) as error:
            raise UnreachableError(f"{configuration.host}: {type(error).__name__}") from None
        return cls(api)

    def find(self, api_version: str, kind: str, name: str, namespace: str | None) -> Mapping[str, Any] | None:
        """An object; None where it is not there, or its kind is not."""
        try:
            resource = self._dynamic.resources.get(api_version=api_version, kind=kind)
            found = resource.get(name=name, namespace=namespace if resource.namespaced else None, _request_timeout=SECONDS)
            return dict(found.to_dict())
        except (NotFoundError, ResourceNotFoundError):
            return None

    def volumes(self, namespace: str) -> list[str]:
        """Persistent volumes that a namespace's claims had."""
        resource = self._dynamic.resources.get(api_version="v1", kind="PersistentVolume")
        listed: list[dict[str, Any]] = resource.get(_request_timeout=SECONDS).to_dict()["items"]
        return [str(each["metadata"]["name"]) for each in listed if (each["spec"].get("claimRef") or {}).get("namespace") == namespace]

    def hanging(self) -> Iterator[Mapping[str, Any]]:
        """Argo CD's objects that were told to go and wait for a finalizer."""
        for kind in HANGING:
            try:
                resource = self._dynamic.resources.get(api_version=ARGO, kind=kind)
                for found in resource.get(_request_timeout=SECONDS).to_dict()["items"]:
                    if found["metadata"].get("deletionTimestamp") and found["metadata"].get("finalizers"):
                        yield found
            except (NotFoundError, ResourceNotFoundError):
                continue

    def free(self, found: Mapping[str, Any]) -> None:
        """Take the finalizers off an object of Argo CD's: it goes, and what it would have deleted stays."""
        resource = self._dynamic.resources.get(api_version=ARGO, kind=found["kind"])
        metadata = found["metadata"]
        with suppress(NotFoundError):
            resource.patch(
                body={"metadata": {"finalizers": None}},
                name=metadata["name"],
                namespace=metadata["namespace"],
                content_type="application/merge-patch+json",
            )


def _is_text(kubeconfig: str) -> bool:
    """Whether a provider's `kubeconfig` is its content, in YAML or JSON, and no path."""
    return "\n" in kubeconfig or kubeconfig.lstrip().startswith("{")
