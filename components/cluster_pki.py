"""The certificates and keys of a Kubernetes cluster, made by the engine and kept in its encrypted state."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_tls as tls

# The cluster lives as long as its stack; renewing a certificate means a new node, so nothing renews by itself.
VALIDITY_HOURS = 10 * 365 * 24

SERVER = "server_auth"
CLIENT = "client_auth"


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


@dataclass(frozen=True, kw_only=True)
class KeyPair:
    """A certificate and its private key (secret), both PEM."""

    certificate: pulumi.Output[str]
    key: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class _Subject:
    """What one leaf certificate says: https://kubernetes.io/docs/setup/best-practices/certificates/"""

    common_name: pulumi.Input[str]
    uses: Sequence[str]
    organization: str | None = None
    dns_names: Sequence[pulumi.Input[str]] = field(default_factory=list)
    ip_addresses: Sequence[pulumi.Input[str]] = field(default_factory=list)


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
        self.ca = self._authority("ca", common_name="kubernetes")
        self.front_proxy_ca = self._authority("front-proxy-ca", common_name="front-proxy-ca")
        self.certificates = {leaf: self._signed(leaf, self.ca, subject) for leaf, subject in _subjects(args).items()}
        self.certificates["front-proxy-client"] = self._signed(
            "front-proxy-client", self.front_proxy_ca, _Subject(common_name="front-proxy-client", uses=[CLIENT])
        )
        service_account = self._key("sa")
        self.service_account_key = service_account.private_key_pem
        self.service_account_public_key = service_account.public_key_pem
        self.register_outputs({})

    def _key(self, name: str) -> tls.PrivateKey:
        return tls.PrivateKey(name, algorithm="ECDSA", ecdsa_curve="P256", opts=pulumi.ResourceOptions(parent=self))

    def _authority(self, name: str, *, common_name: str) -> KeyPair:
        key = self._key(name)
        certificate = tls.SelfSignedCert(
            name,
            private_key_pem=key.private_key_pem,
            is_ca_certificate=True,
            subject=tls.SelfSignedCertSubjectArgs(common_name=common_name),
            allowed_uses=["cert_signing", "crl_signing", "digital_signature"],
            validity_period_hours=VALIDITY_HOURS,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return KeyPair(certificate=certificate.cert_pem, key=key.private_key_pem)

    def _signed(self, name: str, issuer: KeyPair, subject: _Subject) -> KeyPair:
        key = self._key(name)
        request = tls.CertRequest(
            name,
            private_key_pem=key.private_key_pem,
            subject=tls.CertRequestSubjectArgs(common_name=subject.common_name, organization=subject.organization),
            dns_names=subject.dns_names,
            ip_addresses=subject.ip_addresses,
            opts=pulumi.ResourceOptions(parent=self),
        )
        certificate = tls.LocallySignedCert(
            name,
            cert_request_pem=request.cert_request_pem,
            ca_private_key_pem=issuer.key,
            ca_cert_pem=issuer.certificate,
            allowed_uses=["digital_signature", *subject.uses],
            validity_period_hours=VALIDITY_HOURS,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return KeyPair(certificate=certificate.cert_pem, key=key.private_key_pem)


def _subjects(args: ClusterPkiArgs) -> dict[str, _Subject]:
    kubernetes_names = ["kubernetes", "kubernetes.default", "kubernetes.default.svc"]
    return {
        "apiserver": _Subject(
            common_name="kube-apiserver",
            uses=[SERVER],
            dns_names=["localhost", *kubernetes_names, "kubernetes.default.svc.cluster.local", args.node_name],
            ip_addresses=[args.node_address, args.service_address, "127.0.0.1"],
        ),
        "apiserver-kubelet-client": _Subject(common_name="kube-apiserver-kubelet-client", organization="system:masters", uses=[CLIENT]),
        # One certificate for both of the kubelet's roles: it serves logs and it calls the API server.
        "kubelet": _Subject(
            common_name=pulumi.Output.concat("system:node:", args.node_name),
            organization="system:nodes",
            uses=[SERVER, CLIENT],
            dns_names=[args.node_name],
            ip_addresses=[args.node_address],
        ),
        "controller-manager": _Subject(common_name="system:kube-controller-manager", uses=[CLIENT]),
        "scheduler": _Subject(common_name="system:kube-scheduler", uses=[CLIENT]),
        "kube-proxy": _Subject(common_name="system:kube-proxy", uses=[CLIENT]),
        "admin": _Subject(common_name="slipway-admin", organization="system:masters", uses=[CLIENT]),
    }
