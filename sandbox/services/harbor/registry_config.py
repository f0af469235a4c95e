"""The files from which the registry starts: https://distribution.github.io/distribution/about/configuration/."""

import json
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from sandbox.services.harbor.keys import ISSUER, SERVICE, Signer

CONFIG, CERTIFICATE, SECRET = "config.yml", "root.crt", "http-secret"


def write(directory: Path, signer: Signer, url: str, address: str, storage: str) -> None:
    """Write `config.yml` and the certificate it names into `directory`.

    Arguments: `url` where everybody reaches Harbor; `address` what the registry listens on, as 127.0.0.1:5000; `storage` its directory.
    """
    directory.mkdir(parents=True, exist_ok=True)
    secret = directory / SECRET
    if not secret.exists():
        _replace(secret, secrets.token_hex(32))
    certificate = directory / CERTIFICATE
    _replace(certificate, signer.certificate.decode())
    config = {
        "version": "0.1",
        # Every request without a token, and so the first of each client, would be a warning.
        "log": {"level": "error", "accesslog": {"disabled": True}},
        "storage": {
            "filesystem": {"rootdirectory": storage},
            "cache": {"blobdescriptor": "inmemory"},
            "delete": {"enabled": True},
            "redirect": {"disable": True},
        },
        # Addresses in answers have no host: they are right for whoever asks, by whatever name.
        "http": {"addr": address, "relativeurls": True, "secret": secret.read_text()},
        "auth": {
            "token": {
                "realm": f"{url.rstrip('/')}/service/token",
                "service": SERVICE,
                "issuer": ISSUER,
                "rootcertbundle": str(certificate.resolve()),
            }
        },
    }
    _replace(directory / CONFIG, json.dumps(config, indent=2) + "\n")  # JSON is YAML


def listen_address(registry_url: str) -> str:
    """Return the host and port of `registry_url`, as 127.0.0.1:5000."""
    parts = urlsplit(registry_url)
    return f"{parts.hostname}:{parts.port or 80}"


def _replace(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    part.touch(mode=0o600)
    part.write_text(text)
    part.replace(path)
