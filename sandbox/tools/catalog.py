"""The pins of the tools, and how each is built. The folder of each tool's name holds its go.mod and go.sum."""

from collections.abc import Callable
from dataclasses import dataclass, field

KUBERNETES = "1.34.4"
ARGOCD = "3.2.11"
COREDNS = "1.14.1"
KUSTOMIZE = "5.7.0"
PAUSE = "3.10"


@dataclass(frozen=True)
class Tool:
    """One Go module and the programs built from it.

    `programs` maps a program to its package. `probe` prints the version of one on PATH, which `fits` judges; without it only a built
    one is used. `assets` are folders of a module that are kept beside the programs. `seconds` is the build's time on two cores.
    """

    name: str
    version: str
    programs: dict[str, str]
    seconds: int
    variables: dict[str, str] = field(default_factory=dict)
    """Go variables set by the linker (`-X`)."""
    probe: tuple[str, ...] = ()
    fits: Callable[[str, str], bool] = str.__eq__
    assets: dict[str, str] = field(default_factory=dict)


def _same_minor(found: str, wanted: str) -> bool:
    return found.split(".")[:2] == wanted.split(".")[:2]


def _not_older(found: str, wanted: str) -> bool:
    def numbers(version: str) -> list[int]:
        return [int(part) for part in version.split(".")]

    return numbers(found)[0] == numbers(wanted)[0] and numbers(found) >= numbers(wanted)


def _kubernetes_variables() -> dict[str, str]:
    # Without these the programs call themselves v0.0.0, which clients cannot parse.
    major, minor, _ = KUBERNETES.split(".")
    return {
        f"{package}.{name}": value
        for package in ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
        for name, value in {"gitVersion": f"v{KUBERNETES}", "gitMajor": major, "gitMinor": minor}.items()
    }


_SERVERS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl")

TOOLS = (
    # renovate: datasource=go depName=k8s.io/kubernetes
    Tool(
        "kubernetes",
        KUBERNETES,
        {name: f"k8s.io/kubernetes/cmd/{name}" for name in _SERVERS},
        seconds=210,
        variables=_kubernetes_variables(),
    ),
    # The engine and the SDK in pyproject.toml have the same version.
    # renovate: datasource=go depName=github.com/pulumi/pulumi/pkg/v3
    Tool(
        "pulumi",
        "3.255.0",
        {"pulumi": "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"},
        seconds=140,
        variables={"github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": "3.255.0"},
        probe=("pulumi", "version"),
        fits=_same_minor,
    ),
    # renovate: datasource=go depName=helm.sh/helm/v3
    Tool(
        "helm",
        "3.22.0",
        {"helm": "helm.sh/helm/v3/cmd/helm"},
        seconds=45,
        # Without a version of its own, `helm template` believes in Kubernetes 1.20 and refuses newer charts.
        variables={
            "helm.sh/helm/v3/internal/version.version": "v3.22.0",
            "helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor": "1",
            "helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor": "34",
        },
        probe=("helm", "version", "--template", "{{.Version}}"),
        fits=_not_older,
    ),
    # renovate: datasource=go depName=github.com/argoproj/argo-cd/v3
    Tool(
        "argocd",
        ARGOCD,
        {"argocd": "github.com/argoproj/argo-cd/v3/cmd"},
        seconds=150,
        variables={
            f"github.com/argoproj/argo-cd/v3/common.{name}": value
            for name, value in {"version": ARGOCD, "gitTag": f"v{ARGOCD}", "gitTreeState": "clean"}.items()
        },
        assets={"manifests": "github.com/argoproj/argo-cd/v3"},
    ),
    # The version that Argo CD's own image has: hack/tool-versions.sh of its module.
    # renovate: datasource=go depName=sigs.k8s.io/kustomize/kustomize/v5
    Tool(
        "kustomize",
        KUSTOMIZE,
        {"kustomize": "sigs.k8s.io/kustomize/kustomize/v5"},
        seconds=35,
        variables={"sigs.k8s.io/kustomize/api/provenance.version": f"v{KUSTOMIZE}"},
    ),
    # renovate: datasource=go depName=github.com/coredns/coredns
    Tool("coredns", COREDNS, {"coredns": "."}, seconds=35),
    Tool("pause", PAUSE, {"pause": "."}, seconds=5),
)

# A server of the S3 API on a folder, for those who want a stack's state in a bucket: built by whoever asks for it.
# renovate: datasource=go depName=github.com/versity/versitygw
VERSITYGW = Tool("versitygw", "1.8.0", {"versitygw": "github.com/versity/versitygw/cmd/versitygw"}, seconds=75)
