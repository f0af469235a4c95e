"""The key that signs the registry's tokens, and the tokens: https://distribution.github.io/distribution/spec/auth/jwt/."""

import base64
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

ISSUER, SERVICE = "harbor-token-issuer", "harbor-registry"
VALID = 30 * 60  # seconds, Harbor's default
Access = tuple[str, Sequence[str]]
"""A repository and what may be done in it."""


@dataclass(frozen=True)
class Claims:
    """What a token says: who has it, and what may be done in which repository."""

    subject: str
    access: dict[str, frozenset[str]]
    catalog: bool

    def allow(self, repository: str, *actions: str) -> bool:
        """Tell whether all of `actions` are allowed in `repository`."""
        return frozenset(actions) <= self.access.get(repository, frozenset())


class Signer:
    """Signs and verifies tokens with one key and its certificate."""

    def __init__(self, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> None:
        self._key = key
        self._public = certificate.public_key()
        self._chain = [base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()]
        self.certificate = certificate.public_bytes(serialization.Encoding.PEM)

    def sign(self, subject: str, access: Sequence[Access], *, catalog: bool = False, seconds: int = VALID) -> str:
        """Return a token for `subject`, good for `seconds`; `catalog`: it may list all repositories."""
        start = int(time.time())
        claims: list[dict[str, Any]] = [{"type": "repository", "name": name, "actions": list(actions)} for name, actions in access]
        if catalog:
            claims.append({"type": "registry", "name": "catalog", "actions": ["*"]})
        body = {"iss": ISSUER, "sub": subject, "aud": SERVICE, "iat": start, "nbf": start, "exp": start + seconds, "jti": uuid4().hex}
        return jwt.encode(body | {"access": claims}, self._key, "RS256", {"x5c": self._chain})

    def verify(self, token: str) -> Claims | None:
        """Return what `token` says, or None if it is not ours or no longer valid."""
        try:
            body = jwt.decode(token, self._public, ["RS256"], audience=SERVICE, issuer=ISSUER)  # type: ignore[arg-type]
        except jwt.InvalidTokenError:
            return None
        access = {each["name"]: frozenset(each["actions"]) for each in body["access"] if each["type"] == "repository"}
        return Claims(body["sub"], access, any(each["type"] == "registry" for each in body["access"]))


def open_signer(directory: Path, key: Path | None = None, certificate: Path | None = None) -> Signer:
    """Return the signer of the two files, or else of those in `directory`, which are made at the first start.

    Raises ValueError where the key is no RSA key or does not belong to the certificate, OSError where a file cannot be read.
    """
    if key is None or certificate is None:
        key, certificate = directory / "token.key", directory / "token.crt"
        if not certificate.exists():
            _make(key, certificate)
    loaded = serialization.load_pem_private_key(key.read_bytes(), None)
    issued = x509.load_pem_x509_certificate(certificate.read_bytes())
    if not isinstance(loaded, rsa.RSAPrivateKey):
        raise ValueError(f"{key} holds no RSA key, which Harbor's tokens are signed with")
    if issued.public_key() != loaded.public_key():
        raise ValueError(f"the certificate {certificate} is not that of the key {key}")
    return Signer(loaded, issued)


def _make(key: Path, certificate: Path) -> None:
    """Write a new pair, the certificate last: a kill in between leads to another pair at the next start."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name, start = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ISSUER)]), datetime.now(UTC) - timedelta(days=1)
    issued = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    pem = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    for path, content in ((key, pem), (certificate, issued.public_bytes(serialization.Encoding.PEM))):
        part = path.with_suffix(".part")
        part.touch(mode=0o600)
        part.write_bytes(content)
        part.replace(path)
