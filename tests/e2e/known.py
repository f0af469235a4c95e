"""The secrets of a running sandbox, by names that may be shown."""

import json
from base64 import b64decode

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

from tests.e2e.support import Platform

GENERATED = {
    "random:index/randomPassword:RandomPassword": ("result", "bcryptHash"),
    "tls:index/privateKey:PrivateKey": ("privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"),
    "gitlab:index/projectDeployToken:ProjectDeployToken": ("token",),
    "gitlab:index/groupDeployToken:GroupDeployToken": ("token",),
    "gitlab:index/projectAccessToken:ProjectAccessToken": ("token",),
    "gitlab:index/groupAccessToken:GroupAccessToken": ("token",),
    "harbor:index/robotAccount:RobotAccount": ("secret",),
}
"""Resources that make secrets, with the outputs that hold them."""
SECRET = "4dabf18193072939515e22adb298388d"
"""The key of a secret's envelope in an exported state."""


def secrets_of(platform: Platform) -> dict[str, str]:
    """The secrets in the sandbox's folder, those that the stack's resources made, and the stack's secret outputs."""
    found = {f"file {file.name}": file.read_text() for file in (platform.sandbox.folder / "secrets").iterdir()}
    state = json.loads(platform.stack.pulumi("stack", "export", "--show-secrets"))["deployment"]["resources"]
    for resource in state:
        for output in GENERATED.get(resource["type"], ()):
            if value := resource.get("outputs", {}).get(output):
                assert SECRET in value, f"{resource['urn']}: {output} is no secret in the state"
                text = json.loads(value["plaintext"])
                found[f"{resource['urn'].rpartition('::')[2]} ({output})"] = _private(text) if "PRIVATE KEY" in text else text
    found["argocdReleaseToken"] = str(platform.stack.outputs()["argocdReleaseToken"])
    return found


def _number(key: EllipticCurvePrivateKey | RSAPrivateKey) -> bytes:
    if isinstance(key, EllipticCurvePrivateKey):
        return key.private_numbers().private_value.to_bytes(32, "big")
    exponent = key.private_numbers().d
    return exponent.to_bytes((exponent.bit_length() + 7) // 8, "big")


def _private(pem: str) -> str:
    """The private number's own characters in a key's PEM, line by line: the rest of it is the public key and the name of the curve."""
    load = load_ssh_private_key if "OPENSSH" in pem else load_pem_private_key
    key = load(pem.encode(), None)
    assert isinstance(key, EllipticCurvePrivateKey | RSAPrivateKey)
    number = _number(key)
    lines = [line for line in pem.splitlines() if not line.startswith("-----")]
    first = b64decode("".join(lines)).index(number)
    start, end = -(-first * 8 // 6), (first + len(number)) * 8 // 6
    places = [(len("".join(lines[:position])), line) for position, line in enumerate(lines)]
    slices = [line[max(0, start - before) : max(0, end - before)] for before, line in places]
    return "\n".join(part for part in slices if part)
