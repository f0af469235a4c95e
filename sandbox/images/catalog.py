"""Which images there are, what their build contexts bring, and the name under which pods pull them."""

from dataclasses import dataclass

from sandbox.tools.catalog import ARGOCD, COREDNS, PAUSE

HARBOR = "2.15.1"
"""The version whose API the stand-in for Harbor serves."""
REDIS = "8.2.2-alpine"
"""The tag under which Debian's redis-server stands in for the official image."""


@dataclass(frozen=True)
class Image:
    """One image. `programs` are put into the build context's `bin/`; `sources` are further paths of the checkout, at the same place.

    `group` is the dependency group of pyproject.toml whose packages are put into `site/`. `published` is the upstream name under which the
    sandbox's registry serves it, so that manifests and charts need no change.
    """

    name: str
    programs: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    group: str = ""
    published: str = ""


_NODE = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl")

_SERVICES = ("sandbox/services/__init__.py", "sandbox/services/database.py")

BASE = Image("base")
"""Below all others: see its Dockerfile."""

IMAGES = (
    Image("node", programs=_NODE),
    Image("coredns", programs=("coredns",), published=f"registry.k8s.io/coredns/coredns:v{COREDNS}"),
    Image("pause", programs=("pause",), published=f"registry.k8s.io/pause:{PAUSE}"),
    Image("argocd", programs=("argocd", "helm", "kustomize"), published=f"quay.io/argoproj/argocd:v{ARGOCD}"),
    Image("redis", published=f"docker.io/library/redis:{REDIS}"),
    Image("ingress", published="registry.k8s.io/ingress-nginx/controller:v1.15.1"),
    Image("python", published="docker.io/library/python:3.11-slim"),
    Image("registry"),
    Image("skopeo", published="quay.io/skopeo/stable:v1"),
    Image("proxy"),
    Image("gitlab", sources=(*_SERVICES, "sandbox/services/gitlab"), group="services"),
    Image("harbor", sources=(*_SERVICES, "sandbox/services/harbor"), group="harbor", published=f"docker.io/goharbor/harbor-core:v{HARBOR}"),
    Image("jenkins", sources=(*_SERVICES, "sandbox/services/jenkins"), group="jenkins"),
    # These are what the platform's own images begin with: the engine builds from them, pods do not pull them.
    Image("inbound-agent"),
    Image("helm", programs=("helm",)),
    Image("sidecar", published="docker.io/kiwigrid/k8s-sidecar:2.10.1"),
    Image("buildah", published="quay.io/buildah/stable:v1.42.2"),
)
