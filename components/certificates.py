"""Keys and certificates, made by the engine and kept in its encrypted state: a leaf that the components share.

ECDSA where nothing else is asked for: RSA keys take longer to find.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_tls as tls

# A platform's certificates live as long as its stack, or until somebody renews them: nothing renews by itself, so no run is a surprise.
VALIDITY_HOURS = 10 * 365 * 24

SERVER = "server_auth"
CLIENT = "client_auth"


@dataclass(frozen=True, kw_only=True)
class KeyPair:
    """A certificate and its private key (secret), both PEM."""

    certificate: pulumi.Output[str]
    key: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What one leaf certificate says: https://kubernetes.io/docs/setup/best-practices/certificates/"""

    common_name: pulumi.Input[str]
    uses: Sequence[str]
    organization: str | None = None
    dns_names: Sequence[pulumi.Input[str]] = field(default_factory=list)
    ip_addresses: Sequence[pulumi.Input[str]] = field(default_factory=list)


def private_key(parent: pulumi.Resource, name: str, *, rsa: bool = False) -> tls.PrivateKey:
    """A private key, a child of `parent`; `rsa` is for those who know no other kind."""
    kind: dict[str, Any] = {"algorithm": "RSA", "rsa_bits": 3072} if rsa else {"algorithm": "ECDSA", "ecdsa_curve": "P256"}
    return tls.PrivateKey(name, **kind, opts=pulumi.ResourceOptions(parent=parent))


def self_signed(parent: pulumi.Resource, name: str, *, common_name: str) -> KeyPair:
    """An RSA key and a certificate by which its signatures are checked."""
    return _own(parent, name, private_key(parent, name, rsa=True), common_name, ["digital_signature"])


def authority(parent: pulumi.Resource, name: str, *, common_name: str) -> KeyPair:
    """A certificate authority that signs itself."""
    uses = ["cert_signing", "crl_signing", "digital_signature"]
    return _own(parent, name, private_key(parent, name), common_name, uses, is_ca_certificate=True)


def _own(
    parent: pulumi.Resource, name: str, key: tls.PrivateKey, common_name: str, uses: Sequence[str], *, is_ca_certificate: bool | None = None
) -> KeyPair:
    certificate = tls.SelfSignedCert(
        name,
        private_key_pem=key.private_key_pem,
        is_ca_certificate=is_ca_certificate,
        subject=tls.SelfSignedCertSubjectArgs(common_name=common_name),
        allowed_uses=uses,
        validity_period_hours=VALIDITY_HOURS,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return KeyPair(certificate=certificate.cert_pem, key=key.private_key_pem)


def signed(parent: pulumi.Resource, name: str, issuer: KeyPair, subject: Subject) -> KeyPair:
    """A key, and a certificate for it that the authority `issuer` signed."""
    key = private_key(parent, name)
    request = tls.CertRequest(
        name,
        private_key_pem=key.private_key_pem,
        subject=tls.CertRequestSubjectArgs(common_name=subject.common_name, organization=subject.organization),
        dns_names=subject.dns_names,
        ip_addresses=subject.ip_addresses,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    certificate = tls.LocallySignedCert(
        name,
        cert_request_pem=request.cert_request_pem,
        ca_private_key_pem=issuer.key,
        ca_cert_pem=issuer.certificate,
        allowed_uses=["digital_signature", *subject.uses],
        validity_period_hours=VALIDITY_HOURS,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return KeyPair(certificate=certificate.cert_pem, key=key.private_key_pem)
