"""The `kubernetes` provider: any kind of object through server-side apply, and Helm releases through the helm CLI.

What the inputs mean: https://www.pulumi.com/registry/packages/kubernetes/
"""

from sandbox.providers.kubernetes.helm.release import HelmRelease
from sandbox.providers.kubernetes.objects import type_of
from sandbox.providers.kubernetes.patch import SUFFIX, KubernetesPatch
from sandbox.providers.kubernetes.resource import KubernetesObject
from sandbox.providers.kubernetes.settings import FLAGS, difference, failures, load
from sandbox.providers.kubernetes.transport import Transport
from sandbox.providers.plugin import Diff, Failure, Plugin, Properties, Resource

_RELEASE = "kubernetes:helm.sh/v3:Release"
_CLIENT_SIDE = ("yaml/", "helm.sh/", "kustomize/")
"""Packages whose types are no Kubernetes kinds: they render manifests."""


class Kubernetes(Plugin):
    """The provider."""

    name = "kubernetes"
    version = "4.34.2"
    official = "pulumi plugin install resource kubernetes v4.34.2"
    json_config = FLAGS

    def __init__(self) -> None:
        self._transport: Transport | None = None

    def check_config(self, config: Properties) -> list[Failure]:
        """Refuse a kubeconfig that names no cluster, and modes that are not covered."""
        return failures(config)

    def diff_config(self, old: Properties, new: Properties) -> Diff:
        """Compare two configurations: another cluster is a replacement."""
        return difference(old, new)

    def configure(self, config: Properties) -> None:
        """Read the configuration. The cluster is asked for nothing before the first resource."""
        self._transport = Transport(load(config))

    def resource(self, token: str) -> Resource | None:
        """Return the implementation of a type: any kind, but not what renders manifests."""
        if self._transport is None:
            raise RuntimeError(f"{token} was asked for before the provider was configured")
        if token == _RELEASE:
            return HelmRelease(self._transport)
        found = type_of(token)
        if found is None or token.removeprefix("kubernetes:").startswith(_CLIENT_SIDE):
            return None
        api_version, kind = found
        if kind.endswith(SUFFIX):
            return KubernetesPatch(self._transport, api_version, kind.removesuffix(SUFFIX))
        return KubernetesObject(self._transport, api_version, kind)


def plugin() -> Plugin:
    """Return the provider."""
    return Kubernetes()
