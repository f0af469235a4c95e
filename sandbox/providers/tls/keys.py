"""Private keys in the notations of the `tls` provider."""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any, ClassVar

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat, PublicFormat

from sandbox.providers.declared import Declared
from sandbox.providers.plugin import UNKNOWN, Context, Failure, Properties, State

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

_CURVES: Mapping[str, ec.EllipticCurve] = {
    "P224": ec.SECP224R1(),
    "P256": ec.SECP256R1(),
    "P384": ec.SECP384R1(),
    "P521": ec.SECP521R1(),
}
_ALGORITHMS = ("RSA", "ECDSA", "ED25519")
_PLAIN = serialization.NoEncryption()
_NOTATIONS = (
    *("privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"),
    *("publicKeyPem", "publicKeyOpenssh", "publicKeyFingerprintMd5", "publicKeyFingerprintSha256"),
)


class PrivateKey(Declared):
    """A key pair. The SDK's class marks the private notations as secret."""

    covered: ClassVar = frozenset({"algorithm", "rsaBits", "ecdsaCurve"})
    defaults: ClassVar[Mapping[str, Any]] = {"rsaBits": 2048, "ecdsaCurve": "P224"}

    def check(self, context: Context, old: Properties | None, new: Properties) -> tuple[Properties, list[Failure]]:
        """Refuse unknown algorithms and curves."""
        inputs, failures = super().check(context, old, new)
        for name, accepted in (("algorithm", _ALGORITHMS), ("ecdsaCurve", tuple(_CURVES))):
            if inputs.get(name, accepted[0]) not in (*accepted, UNKNOWN):
                failures.append(Failure(name, f"is {inputs[name]!r}: expected one of {', '.join(accepted)}"))
        return inputs, failures

    def create(self, context: Context, inputs: Properties) -> State:
        """Generate the key."""
        if context.preview:
            return State("", self.outputs(inputs, **dict.fromkeys(_NOTATIONS, UNKNOWN)))
        settings = self.outputs(inputs)
        key = _generate(settings)
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return State(hashlib.sha1(public, usedforsecurity=False).hexdigest(), settings | _notations(key))


def load_key(pem: str, name: str) -> Key:
    """Return the private key in a PEM text; `name` is the input's, for the error. Raises ValueError, which never holds the text."""
    try:
        key = serialization.load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError):
        raise ValueError(f"{name} holds no private key in PEM without a password: expected `PrivateKey.private_key_pem`") from None
    if not isinstance(key, Key):
        raise ValueError(f"{name} is a {type(key).__name__}: expected one of {', '.join(_ALGORITHMS)}")
    return key


def algorithm(key: Key) -> str:
    """Return the algorithm's name: RSA, ECDSA or ED25519."""
    if isinstance(key, rsa.RSAPrivateKey):
        return "RSA"
    return "ECDSA" if isinstance(key, ec.EllipticCurvePrivateKey) else "ED25519"


def _generate(settings: Properties) -> Key:
    match settings["algorithm"]:
        case "RSA":
            return rsa.generate_private_key(65537, settings["rsaBits"])
        case "ECDSA":
            return ec.generate_private_key(_CURVES[settings["ecdsaCurve"]])
        case _:
            return ed25519.Ed25519PrivateKey.generate()


def _notations(key: Key) -> Properties:
    public = key.public_key()
    # ED25519 has no traditional form, and OpenSSH has no P224.
    own = PrivateFormat.PKCS8 if isinstance(key, ed25519.Ed25519PrivateKey) else PrivateFormat.TraditionalOpenSSL
    notations = {
        "privateKeyPem": key.private_bytes(Encoding.PEM, own, _PLAIN).decode(),
        "privateKeyPemPkcs8": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, _PLAIN).decode(),
        "publicKeyPem": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
    }
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP224R1):
        return dict.fromkeys(_NOTATIONS, "") | notations
    openssh = public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    blob = b64decode(openssh.split()[1])
    return notations | {
        "privateKeyOpenssh": key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, _PLAIN).decode(),
        "publicKeyOpenssh": openssh + "\n",
        "publicKeyFingerprintMd5": hashlib.md5(blob, usedforsecurity=False).digest().hex(":"),
        "publicKeyFingerprintSha256": "SHA256:" + b64encode(hashlib.sha256(blob).digest()).rstrip(b"=").decode(),
    }
