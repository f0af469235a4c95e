"""Keys and certificates that others accept."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store

from sandbox.providers.plugin import UNKNOWN, State
from sandbox.providers.tls.certificates import CertRequest, LocallySignedCert, SelfSignedCert
from sandbox.providers.tls.keys import PrivateKey
from tests.unit.sandbox.providers.contexts import context

CA_USES = ["cert_signing", "crl_signing", "digital_signature"]
ALGORITHMS = [{"algorithm": "ECDSA", "ecdsaCurve": "P256"}, {"algorithm": "RSA"}]


def key(**inputs: Any) -> str:
    pem: str = PrivateKey().create(context(), inputs or ALGORITHMS[0]).outputs["privateKeyPem"]
    return pem


def authority(pem: str, **inputs: Any) -> State:
    given = {"privateKeyPem": pem, "allowedUses": CA_USES, "validityPeriodHours": 24, "isCaCertificate": True}
    return SelfSignedCert().create(context(), {**given, "subject": {"commonName": "ca", "organization": "test"}, **inputs})


def leaf(ca: State, ca_key: str, **inputs: Any) -> State:
    names = {"dnsNames": ["api.dev.test"], "ipAddresses": ["10.89.7.10"], "subject": {"commonName": "api"}}
    request = CertRequest().create(context(), {"privateKeyPem": key(), **names}).outputs["certRequestPem"]
    given = {"certRequestPem": request, "caCertPem": ca.outputs["certPem"], "caPrivateKeyPem": ca_key}
    return LocallySignedCert().create(context(), {**given, "allowedUses": ["server_auth"], "validityPeriodHours": 2, **inputs})


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_client_accepts_the_chain(algorithm: dict[str, Any]) -> None:
    ca_key = key(**algorithm)
    ca = authority(ca_key)
    certificate = x509.load_pem_x509_certificate(leaf(ca, ca_key).outputs["certPem"].encode())
    store = Store([x509.load_pem_x509_certificate(ca.outputs["certPem"].encode())])
    for name in (x509.DNSName("api.dev.test"), x509.IPAddress(ip_address("10.89.7.10"))):
        assert PolicyBuilder().store(store).build_server_verifier(name).verify(certificate, [])


def test_the_certificate_says_what_was_asked_for() -> None:
    ca_key = key(algorithm="ED25519")
    state = leaf(authority(ca_key), ca_key, allowedUses=["key_encipherment", "client_auth"], setSubjectKeyId=True)
    certificate = x509.load_pem_x509_certificate(state.outputs["certPem"].encode())
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    assert (usage.value.key_encipherment, usage.value.digital_signature, usage.critical) == (True, False, True)
    assert list(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    assert state.id == str(certificate.serial_number)
    assert certificate.not_valid_after_utc == datetime.fromisoformat(state.outputs["validityEndTime"])


@pytest.mark.parametrize("inputs", [*ALGORITHMS, {"algorithm": "ED25519"}, {"algorithm": "ECDSA", "ecdsaCurve": "P521"}])
def test_every_notation_holds_the_same_key(inputs: dict[str, Any]) -> None:
    outputs = PrivateKey().create(context(), inputs).outputs
    public = load_pem_private_key(outputs["privateKeyPem"].encode(), None).public_key()
    assert load_pem_private_key(outputs["privateKeyPemPkcs8"].encode(), None).public_key() == public
    assert load_ssh_private_key(outputs["privateKeyOpenssh"].encode(), None).public_key() == public
    assert outputs["publicKeyFingerprintSha256"].startswith("SHA256:")


def test_p224_has_no_openssh_notation() -> None:
    assert PrivateKey().create(context(), {"algorithm": "ECDSA"}).outputs["publicKeyOpenssh"] == ""


def test_a_broken_key_is_refused_without_showing_it() -> None:
    broken = key().replace("-----BEGIN EC", "-----BEGIN XX")
    with pytest.raises(ValueError, match="privateKeyPem holds no private key") as refused:
        CertRequest().create(context(), {"privateKeyPem": broken})
    assert "XX" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_unknown_uses_and_curves_are_refused() -> None:
    assert SelfSignedCert().check(context(), None, {"allowedUses": ["serverAuth"], "validityPeriodHours": 1})[1]
    assert PrivateKey().check(context(), None, {"algorithm": "ECDSA", "ecdsaCurve": "P-256"})[1]
    assert not PrivateKey().check(context(), None, {"algorithm": UNKNOWN})[1]


def test_a_certificate_is_replaced_when_its_time_has_come() -> None:
    inputs = {"allowedUses": CA_USES, "validityPeriodHours": 24, "earlyRenewalHours": 6}
    outputs = {**inputs, "validityEndTime": (datetime.now(UTC) + timedelta(hours=5)).isoformat(), "readyForRenewal": False}
    old = State("1", outputs, inputs)
    assert SelfSignedCert().diff(context(), old, inputs).replaces == {"readyForRenewal"}
    assert SelfSignedCert().read(context(), old).outputs["readyForRenewal"] is True


def test_other_hours_of_early_renewal_keep_the_certificate() -> None:
    inputs = {"allowedUses": CA_USES, "validityPeriodHours": 24}
    old = State("1", {**inputs, "certPem": "pem", "validityEndTime": (datetime.now(UTC) + timedelta(hours=20)).isoformat()}, inputs)
    new = {**inputs, "earlyRenewalHours": 1}
    assert not SelfSignedCert().diff(context(), old, new).replaces
    assert SelfSignedCert().update(context(), old, new).outputs["certPem"] == "pem"
