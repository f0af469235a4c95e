"""A registry's client, as small as can be, and images for it."""

import gzip
import hashlib
import io
import json
import re
import tarfile
from dataclasses import dataclass, field
from typing import Any

import httpx

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def layer(files: dict[str, str]) -> bytes:
    """A layer with these files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return gzip.compress(buffer.getvalue(), mtime=0)


@dataclass
class Image:
    """Layers and what the configuration says besides."""

    layers: list[bytes]
    config: dict[str, Any] = field(default_factory=dict)

    @property
    def config_blob(self) -> bytes:
        return json.dumps({"architecture": "amd64", "os": "linux", "config": {"Cmd": ["true"]}, "rootfs": {}} | self.config).encode()

    @property
    def manifest(self) -> bytes:
        def described(kind: str, content: bytes) -> dict[str, Any]:
            return {"mediaType": kind, "digest": digest(content), "size": len(content)}

        layers = [described(LAYER, each) for each in self.layers]
        config = described(CONFIG, self.config_blob)
        return json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers}).encode()

    @property
    def digest(self) -> str:
        return digest(self.manifest)


def image(content: str = "hello") -> Image:
    return Image([layer({"etc/greeting": content})])


def index(*images: Image) -> bytes:
    listed = [
        {"mediaType": MANIFEST, "digest": each.digest, "size": len(each.manifest), "platform": {"architecture": arch, "os": "linux"}}
        for each, arch in zip(images, ("amd64", "arm64"), strict=False)
    ]
    return json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": listed}).encode()


class Client:
    """Pushes and pulls as containerd and skopeo do: a request, the challenge, a token, the request again."""

    def __init__(self, url: str, auth: tuple[str, str] | None = None) -> None:
        self.http = httpx.Client(base_url=url, timeout=20, trust_env=False, verify=False)
        self.auth = auth
        self.tokens: dict[str, str] = {}

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        answer = self.http.request(method, path, **options)
        challenge = answer.headers.get("www-authenticate", "")
        if answer.status_code != 401 or not challenge.startswith("Bearer"):
            return answer
        asked = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
        key = asked.get("scope", "")
        if key not in self.tokens:
            query = {name: asked[name] for name in ("service", "scope") if name in asked}
            given = (
                self.http.get(asked["realm"], params=query, auth=self.auth) if self.auth else self.http.get(asked["realm"], params=query)
            )
            if given.status_code != 200:
                return given
            self.tokens[key] = given.json()["token"]
        headers = {**options.pop("headers", {}), "Authorization": f"Bearer {self.tokens[key]}"}
        return self.http.request(method, path, headers=headers, **options)

    def push_blob(self, name: str, content: bytes) -> httpx.Response:
        if self.send("HEAD", f"/v2/{name}/blobs/{digest(content)}").status_code == 200:
            return httpx.Response(200)
        begun = self.send("POST", f"/v2/{name}/blobs/uploads/")
        if begun.status_code != 202:
            return begun
        place = httpx.URL(begun.headers["location"]).copy_add_param("digest", digest(content))
        return self.send("PUT", str(place), content=content, headers={"Content-Type": "application/octet-stream"})

    def push_manifest(self, name: str, reference: str, manifest: bytes, kind: str = MANIFEST) -> httpx.Response:
        return self.send("PUT", f"/v2/{name}/manifests/{reference}", content=manifest, headers={"Content-Type": kind})

    def push(self, name: str, tag: str, pushed: Image) -> httpx.Response:
        """Push an image; the answer is that to the manifest, or to the first blob that is refused."""
        for content in (pushed.config_blob, *pushed.layers):
            answer = self.push_blob(name, content)
            if answer.status_code not in (200, 201):
                return answer
        return self.push_manifest(name, tag, pushed.manifest)

    def manifest(self, name: str, reference: str) -> httpx.Response:
        return self.send("GET", f"/v2/{name}/manifests/{reference}", headers={"Accept": f"{MANIFEST}, {INDEX}"})

    def blob(self, name: str, reference: str) -> httpx.Response:
        return self.send("GET", f"/v2/{name}/blobs/{reference}")
