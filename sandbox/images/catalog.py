"""Which images there are, what their build contexts bring, and the name under which pods pull them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.images.debian import BOOKWORM, TRIXIE
from sandbox.tools.catalog import ARGOCD, COREDNS, PAUSE

HARBOR = "2.15.1"
"""The version whose API the stand-in for Harbor serves."""
REDIS = "8.2.2-alpine"
"""The tag under which Debian's redis-server stands in for the official image."""


@dataclass(frozen=True)
class Image:
    """One image. `programs` are put into the build context's `bin/`; `sources` are further paths of the checkout, at the same place.

    `group` is the dependency group of pyproject.toml whose packages are put into `site/`. `published` is the upstream name under which the
    sandbox's registry serves it, so that manifests and charts need no change. `base` is the image below it, or `debian` the release of
    Debian. `build` is the folder with its Dockerfile, where that is not called as the image is; `arguments` are the build's.
    """

    name: str
    programs: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    group: str = ""
    published: str = ""
    base: str = "base"
    debian: str = ""
    build: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """The folder with its Dockerfile."""
        return self.build or self.name


_NODE = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl")

_SERVICES = ("sandbox/services/__init__.py", "sandbox/services/database.py")

_TRIXIE = "trixie"


def _packages(name: str, published: str, packages: str) -> Image:
    """An official image of a language, from Debian 13's packages."""
    return Image(name, published=f"docker.io/library/{published}", base=_TRIXIE, build="packages", arguments={"PACKAGES": packages})


IMAGES = (
    Image("base", debian=BOOKWORM),
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
    # What applications are built on, under the names in gitops/frameworks/bases.toml.
    Image(_TRIXIE, published="docker.io/library/debian:13.1-slim", debian=TRIXIE, build="base"),
    Image("python3.13", published="docker.io/library/python:3.13.5-slim-trixie", base=_TRIXIE, build="python"),
    Image("nodejs", published="docker.io/library/node:22.20.0-trixie-slim", base="python3.13"),
    _packages("go", "golang:1.24.4-trixie", "golang-go"),
    _packages("jdk", "eclipse-temurin:21.0.8_9-jdk", "openjdk-21-jdk-headless"),
    _packages("jre", "eclipse-temurin:21.0.8_9-jre", "openjdk-21-jre-headless"),
    _packages("maven", "maven:3.9.9-eclipse-temurin-21", "openjdk-21-jdk-headless maven"),
    Image("nginx", published="docker.io/nginxinc/nginx-unprivileged:1.29.1-alpine", base=_TRIXIE),
)
