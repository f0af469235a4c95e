"""Certificate requests and certificates of the `tls` provider."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding

from sandbox.providers.declared import Declared
from sandbox.providers.plugin import UNKNOWN, Context, Diff, Failure, Properties, State
from sandbox.providers.tls.extensions import ACCEPTED_USES, alternative_names, extended_key_usage, key_usage, subject
from sandbox.providers.tls.keys import Key, algorithm, load_key

_SUBJECT = {"subject", "dnsNames", "ipAddresses", "uris", "privateKeyPem"}
_VALIDITY = {
    "allowedUses",
    "validityPeriodHours",
    "earlyRenewalHours",
    "isCaCertificate",
    "maxPathLength",
    "setSubjectKeyId",
}


class CertRequest(Declared):
    """A request for a certificate."""

    covered: ClassVar = frozenset(_SUBJECT)

    def create(self, context: Context, inputs: Properties) -> State:
        """Sign the request with the key that the certificate is for."""
        if context.preview:
            return State("", self.outputs(inputs, certRequestPem=UNKNOWN, keyAlgorithm=UNKNOWN))
        key = load_key(inputs["privateKeyPem"], "privateKeyPem")
        builder = x509.CertificateSigningRequestBuilder(subject(inputs.get("subject")))
        if names := alternative_names(inputs):
            builder = builder.add_extension(names, critical=False)
        request = builder.sign(key, _hash(key))
        state = self.outputs(inputs, certRequestPem=request.public_bytes(Encoding.PEM).decode(), keyAlgorithm=algorithm(key))
        digest = hashlib.sha1(request.public_bytes(Encoding.DER), usedforsecurity=False)
        return State(digest.hexdigest(), state)


class _Certificate(Declared):
    """What both kinds of certificates share: validity and renewal."""

    in_place: ClassVar = frozenset({"earlyRenewalHours"})
    defaults: ClassVar[Mapping[str, Any]] = {"earlyRenewalHours": 0, "isCaCertificate": False, "setSubjectKeyId": False}

    def check(self, context: Context, old: Properties | None, new: Properties) -> tuple[Properties, list[Failure]]:
        """Refuse uses that do not exist."""
        inputs, failures = super().check(context, old, new)
        uses = inputs["allowedUses"]
        for use in [] if uses is UNKNOWN else set(uses) - ACCEPTED_USES - {UNKNOWN}:
            failures.append(Failure("allowedUses", f"holds {use!r}: expected some of {', '.join(sorted(ACCEPTED_USES))}"))
        return inputs, failures

    def diff(self, context: Context, old: State, new: Properties) -> Diff:
        """Replace the certificate also when its time has come."""
        diff = super().diff(context, old, new)
        if not _due(old.outputs.get("validityEndTime"), new.get("earlyRenewalHours", 0)):
            return diff
        return Diff({**diff.changes, "readyForRenewal": "update"}, diff.replaces | {"readyForRenewal"})

    def create(self, context: Context, inputs: Properties) -> State:
        """Issue the certificate."""
        if context.preview:
            computed = (
                "certPem",
                "keyAlgorithm",
                "caKeyAlgorithm",
                "validityStartTime",
                "validityEndTime",
                "readyForRenewal",
            )
            return State("", self.outputs(inputs, **dict.fromkeys(computed, UNKNOWN)))
        start = datetime.now(UTC).replace(microsecond=0)
        end = start + timedelta(hours=inputs["validityPeriodHours"])
        certificate, computed_outputs = self.issue(inputs, start, end)
        times = {"validityStartTime": start.isoformat(), "validityEndTime": end.isoformat(), "readyForRenewal": False}
        pem = certificate.public_bytes(Encoding.PEM).decode()
        return State(str(certificate.serial_number), self.outputs(inputs, certPem=pem, **times, **computed_outputs))

    def issue(self, inputs: Properties, start: datetime, end: datetime) -> tuple[x509.Certificate, Properties]:
        """Return the certificate and the outputs that its kind adds."""
        raise NotImplementedError

    def update(self, context: Context, old: State, inputs: Properties) -> State:
        """Take the new hours of early renewal: they are not part of the certificate."""
        return State(old.id, old.outputs | self.outputs(inputs))

    def read(self, context: Context, state: State) -> State:
        """Notice that it is time for a renewal."""
        if not state.outputs:
            raise ValueError("a certificate cannot be imported: its key and its inputs are not part of it")
        due = _due(state.outputs["validityEndTime"], state.outputs["earlyRenewalHours"])
        return State(state.id, {**state.outputs, "readyForRenewal": due})


class SelfSignedCert(_Certificate):
    """A certificate signed with its own key."""

    covered: ClassVar = frozenset(_SUBJECT | _VALIDITY | {"setAuthorityKeyId"})
    defaults: ClassVar[Mapping[str, Any]] = {**_Certificate.defaults, "setAuthorityKeyId": False}

    def issue(self, inputs: Properties, start: datetime, end: datetime) -> tuple[x509.Certificate, Properties]:
        """Return the certificate and its key's algorithm."""
        key = load_key(inputs["privateKeyPem"], "privateKeyPem")
        name = subject(inputs.get("subject"))
        builder = _builder(inputs, key.public_key(), name, name, start, end)
        if names := alternative_names(inputs):
            builder = builder.add_extension(names, critical=False)
        if inputs.get("setAuthorityKeyId"):
            builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        return builder.sign(key, _hash(key)), {"keyAlgorithm": algorithm(key)}


class LocallySignedCert(_Certificate):
    """A certificate for a request, signed by an authority whose key is at hand."""

    covered: ClassVar = frozenset(_VALIDITY | {"caCertPem", "caPrivateKeyPem", "certRequestPem"})

    def issue(self, inputs: Properties, start: datetime, end: datetime) -> tuple[x509.Certificate, Properties]:
        """Return the certificate and its authority's algorithm."""
        key = load_key(inputs["caPrivateKeyPem"], "caPrivateKeyPem")
        authority = x509.load_pem_x509_certificate(inputs["caCertPem"].encode())
        request = x509.load_pem_x509_csr(inputs["certRequestPem"].encode())
        builder = _builder(inputs, request.public_key(), request.subject, authority.subject, start, end)
        for extension in request.extensions:
            builder = builder.add_extension(extension.value, critical=extension.critical)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
        certificate = builder.add_extension(issuer, critical=False).sign(key, _hash(key))
        return certificate, {"caKeyAlgorithm": algorithm(key)}


def _builder(
    inputs: Properties, public_key: Any, name: x509.Name, issuer: x509.Name, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    authority = bool(inputs.get("isCaCertificate"))
    key: CertificateIssuerPublicKeyTypes = public_key
    builder = x509.CertificateBuilder(issuer, name, key, x509.random_serial_number(), start, end)
    constraints = x509.BasicConstraints(ca=authority, path_length=inputs.get("maxPathLength") if authority else None)
    builder = builder.add_extension(constraints, critical=True)
    if usage := key_usage(inputs["allowedUses"]):
        builder = builder.add_extension(usage, critical=True)
    if extended := extended_key_usage(inputs["allowedUses"]):
        builder = builder.add_extension(extended, critical=False)
    # The official provider's library gives every authority an identifier: chains are built by it.
    if authority or inputs.get("setSubjectKeyId"):
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    return builder


def _hash(key: Key) -> hashes.SHA256 | None:
    return None if algorithm(key) == "ED25519" else hashes.SHA256()


def _due(end: str | None, early_hours: Any) -> bool:
    if end is None or early_hours is UNKNOWN:
        return False
    return datetime.now(UTC) >= datetime.fromisoformat(end) - timedelta(hours=early_hours)
