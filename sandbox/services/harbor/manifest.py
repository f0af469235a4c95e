"""What a manifest says: https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md and Docker's equivalent."""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from sandbox.services.harbor.errors import ApiError

LARGEST = 4 << 20  # bytes, as the registry's own limit
LISTS = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
MANIFESTS = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
ACCEPT = ", ".join((*LISTS, *MANIFESTS))
"""A registry denies having what is of a kind that its client does not name."""
IMAGE_CONFIGS = ("application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json")


def digest_of(body: bytes) -> str:
    """Return the digest of a manifest or blob."""
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


@dataclass(frozen=True)
class Manifest:
    """A manifest with its parsed content."""

    media_type: str
    body: bytes
    content: dict[str, Any]

    @property
    def digest(self) -> str:
        """Its digest."""
        return digest_of(self.body)

    @property
    def is_list(self) -> bool:
        """Whether it lists manifests in place of layers."""
        return self.media_type in LISTS

    @property
    def config(self) -> dict[str, Any]:
        """Descriptor of the configuration; empty for a list."""
        return dict(self.content.get("config") or {})

    @property
    def layers(self) -> list[dict[str, Any]]:
        """Descriptors of the layers, the lowest first."""
        return list(self.content.get("layers") or [])

    @property
    def children(self) -> list[dict[str, Any]]:
        """Descriptors of the manifests in a list."""
        return list(self.content.get("manifests") or []) if self.is_list else []

    @property
    def blobs(self) -> dict[str, int]:
        """Digest to size of everything that storing it takes, itself included."""
        parts = [self.config, *self.layers] if not self.is_list else []
        return {str(each["digest"]): int(each["size"]) for each in parts} | {self.digest: len(self.body)}

    @property
    def kind(self) -> str:
        """Harbor's word for what it is: IMAGE, or from the configuration's media type as in `application/vnd.cncf.helm.config`."""
        config_type = self.config.get("mediaType", "")
        if self.is_list or config_type in IMAGE_CONFIGS:
            return "IMAGE"
        found = re.search(r"application/vnd\.[\w.-]*?([a-z]+)\.config", config_type)
        return found[1].upper() if found else "UNKNOWN"


def parse(media_type: str, body: bytes) -> Manifest:
    """Return the manifest in `body`; ApiError 400 if it is none, 413 if it is too large."""
    if len(body) > LARGEST:
        raise ApiError(413, "REQUEST_ENTITY_TOO_LARGE", f"the manifest is larger than {LARGEST} bytes")
    try:
        content = json.loads(body)
        manifest = Manifest(content.get("mediaType") or media_type.partition(";")[0].strip(), body, content)
        for each in manifest.children:
            _ = each["digest"], each["size"]
        _ = manifest.blobs, manifest.kind
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ApiError(400, "MANIFEST_INVALID", "manifest invalid") from None
    return manifest
