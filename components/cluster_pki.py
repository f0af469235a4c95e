"""The certificates and keys of a Kubernetes cluster, made by the engine and kept in its encrypted state."""

from dataclasses import dataclass

import pulumi

from components.certificates import CLIENT, SERVER, KeyPair, Subject, authority, private_key, signed


@dataclass(frozen=True, kw_only=True)
class ClusterPkiArgs:
    """Who the certificates speak for.

    node_name: name of the node object.
    node_address: IPv4 address at which clients reach the API server.
    service_address: first address of the Service range, where pods reach the API server.
    """

    node_name: pulumi.Input[str]
    node_address: pulumi.Input[str]
    service_address: pulumi.Input[str]


class ClusterPki(pulumi.ComponentResource):
    """A certificate authority, one for the front proxy, the certificates of every Kubernetes component, and the
    key that signs service account tokens. ECDSA throughout: RSA keys take seconds to find."""

    ca: KeyPair
    front_proxy_ca: KeyPair
    certificates: dict[str, KeyPair]
    service_account_key: pulumi.Output[str]
    service_account_public_key: pulumi.Output[str]

    def __init__(self, name: str, args: ClusterPkiArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("slipway:components:ClusterPki", name, {}, opts)
        self.ca = authority(self, "ca", common_name="kubernetes")
        self.front_proxy_ca = authority(self, "front-proxy-ca", common_name="front-proxy-ca")
        self.certificates = {leaf: signed(self, leaf, self.ca, subject) for leaf, subject in _subjects(args).items()}
        self.certificates["front-proxy-client"] = signed(
            self, "front-proxy-client", self.front_proxy_ca, Subject(common_name="front-proxy-client", uses=[CLIENT])
        )
        service_account = private_key(self, "sa")
        self.service_account_key = service_account.private_key_pem
        self.service_account_public_key = service_account.public_key_pem
        self.register_outputs({})


def _subjects(args: ClusterPkiArgs) -> dict[str, Subject]:
    kubernetes_names = ["kubernetes", "kubernetes.default", "kubernetes.default.svc"]
    return {
        "apiserver": Subject(
            common_name="kube-apiserver",
            uses=[SERVER],
            dns_names=["localhost", *kubernetes_names, "kubernetes.default.svc.cluster.local", args.node_name],
            ip_addresses=[args.node_address, args.service_address, "127.0.0.1"],
        ),
        "apiserver-kubelet-client": Subject(common_name="kube-apiserver-kubelet-client", organization="system:masters", uses=[CLIENT]),
        # One certificate for both of the kubelet's roles: it serves logs and it calls the API server.
        "kubelet": Subject(
            common_name=pulumi.Output.concat("system:node:", args.node_name),
            organization="system:nodes",
            uses=[SERVER, CLIENT],
            dns_names=[args.node_name],
            ip_addresses=[args.node_address],
        ),
        "controller-manager": Subject(common_name="system:kube-controller-manager", uses=[CLIENT]),
        "scheduler": Subject(common_name="system:kube-scheduler", uses=[CLIENT]),
        "kube-proxy": Subject(common_name="system:kube-proxy", uses=[CLIENT]),
        "admin": Subject(common_name="slipway-admin", organization="system:masters", uses=[CLIENT]),
    }
