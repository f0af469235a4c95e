"""What a node image expects to find in its container: pure data, handed to the cluster component.

`slipway_node` is the contract of our own node image; `k3s_node` that of rancher/k3s.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components.cluster_pki import ClusterPki
from stacks.model.cluster import Node

SERVICE_CIDR = "10.96.0.0/16"
SERVICE_ADDRESS = "10.96.0.1"
CLUSTER_DNS = "10.96.0.10"
POD_CIDR = "10.244.0.0/24"

SECONDS_TO_READY = 180


@dataclass(frozen=True, kw_only=True)
class NodeLayout:
    """Files (path to content), environment, volumes (name to path), arguments and the health check of a node image."""

    files: Mapping[str, pulumi.Input[str]]
    volumes: Mapping[str, str]
    health_check: Sequence[str]
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    command: Sequence[pulumi.Input[str]] = ()


def slipway_node(pki: ClusterPki, node: Node, *, name: str, authorities: pulumi.Input[str]) -> NodeLayout:
    """Our own image: certificates where kubeadm keeps them, parameters in the environment.

    `name` is the node's; `authorities` is PEM text of those that the node is to trust.
    """
    folder = "/etc/kubernetes/pki"
    # The authorities' private keys stay out of the node: nothing in it signs certificates.
    files: dict[str, pulumi.Input[str]] = {
        f"{folder}/ca.crt": pki.ca.certificate,
        f"{folder}/front-proxy-ca.crt": pki.front_proxy_ca.certificate,
        f"{folder}/sa.pub": pki.service_account_public_key,
        f"{folder}/sa.key": pki.service_account_key,
    }
    for leaf, pair in pki.certificates.items():
        files[f"{folder}/{leaf}.crt"] = pair.certificate
        files[f"{folder}/{leaf}.key"] = pair.key
    files["/usr/local/share/ca-certificates/slipway.crt"] = authorities
    return NodeLayout(
        files=files,
        volumes={"containerd": "/var/lib/containerd", "etcd": "/var/lib/etcd", "kubelet": "/var/lib/kubelet"},
        environment={
            "NODE_NAME": name,
            "NODE_ADDRESS": str(node.address),
            "CLUSTER_DNS": CLUSTER_DNS,
            "SERVICE_CIDR": SERVICE_CIDR,
            "POD_CIDR": POD_CIDR,
            "REGISTRY_MIRRORS": "\n".join(f"{registry}={url}" for registry, url in node.registry_mirrors.items()),
            # Docker's own resolver answers in the container only; pods need the servers behind it.
            "NODE_DNS": " ".join(map(str, node.dns)),
        },
        health_check=["CMD", "/usr/local/bin/node-ready"],
    )


def k3s_node(pki: ClusterPki, node: Node, *, name: str, authorities: pulumi.Input[str]) -> NodeLayout:
    """Image rancher/k3s: it signs its own certificates from the authorities that it finds.

    https://docs.k3s.io/cli/certificate#using-custom-ca-certificates
    """
    folder = "/var/lib/rancher/k3s/server/tls"
    files: dict[str, pulumi.Input[str]] = {f"{folder}/service.key": pki.service_account_key}
    for authority, pair in {"server-ca": pki.ca, "client-ca": pki.ca, "request-header-ca": pki.front_proxy_ca}.items():
        files[f"{folder}/{authority}.crt"] = pair.certificate
        files[f"{folder}/{authority}.key"] = pair.key
    if node.registry_mirrors:
        # JSON is YAML: https://docs.k3s.io/installation/private-registry
        endpoints = {registry: {"endpoint": [url]} for registry, url in node.registry_mirrors.items()}
        files["/etc/rancher/k3s/registries.yaml"] = pulumi.Output.json_dumps({"mirrors": endpoints})
    files["/etc/ssl/certs/slipway.crt"] = authorities
    resolver = []
    if node.dns:
        files["/etc/rancher/k3s/resolv.conf"] = "".join(f"nameserver {server}\n" for server in node.dns)
        resolver = ["--resolv-conf=/etc/rancher/k3s/resolv.conf"]
    return NodeLayout(
        files=files,
        volumes={"k3s": "/var/lib/rancher/k3s", "kubelet": "/var/lib/kubelet"},
        command=[
            "server",
            "--disable=traefik",
            f"--node-name={name}",
            f"--node-ip={node.address}",
            f"--tls-san={node.address}",
            f"--service-cidr={SERVICE_CIDR}",
            f"--cluster-dns={CLUSTER_DNS}",
            *resolver,
        ],
        health_check=["CMD", "kubectl", "get", "--raw=/readyz"],
    )


LAYOUTS = {"slipway": slipway_node, "k3s": k3s_node}
