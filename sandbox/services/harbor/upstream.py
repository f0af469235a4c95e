"""A registry elsewhere: https://distribution.github.io/distribution/spec/api/, with its tokens or Basic credentials."""

import base64
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from sandbox.services.harbor.manifest import ACCEPT

HUB = "https://registry-1.docker.io"


class Upstream:
    """The registry that `attributes` of a row of `registries` describe. Methods raise httpx.HTTPError where it cannot be reached."""

    def __init__(self, attributes: dict[str, Any]) -> None:
        self.kind = attributes["type"]
        self._url = HUB if self.kind == "docker-hub" else attributes["url"].rstrip("/")
        credential = attributes["credential"]
        self._basic = (credential.get("access_key") or "", credential.get("access_secret") or "")
        # Making a context takes longer than a request: none for a registry that has no certificate.
        self._verify: ssl.SSLContext | bool = self._url.startswith("https") and not attributes.get("insecure")
        if self._verify and attributes.get("ca_certificate"):
            self._verify = ssl.create_default_context(cadata=attributes["ca_certificate"])

    def healthy(self) -> bool:
        """Tell whether it answers, and takes the credentials if there are any."""
        try:
            with self._client() as client:
                if not self._basic[0]:
                    return client.get("/v2/").status_code in (200, 401)
                return self._send(client, "GET", "/v2/", {}).status_code == 200
        except (httpx.HTTPError, httpx.InvalidURL):
            return False

    def name_of(self, repository: str) -> str:
        """Return the name there of the `repository` of a proxy project, given without the project's name."""
        return f"library/{repository}" if self.kind == "docker-hub" and "/" not in repository else repository

    def digest(self, repository: str, reference: str) -> str | None:
        """Return the digest behind a tag or digest; None if it is not there."""
        with self._client() as client:
            answer = self._send(client, "HEAD", self._manifest(repository, reference), {"Accept": ACCEPT})
        if answer.status_code in (401, 403, 404):
            return None
        answer.raise_for_status()
        return answer.headers.get("docker-content-digest") or reference

    def manifest(self, repository: str, reference: str) -> tuple[str, bytes] | None:
        """Return media type and content of a manifest; None if it is not there."""
        with self._client() as client:
            answer = self._send(client, "GET", self._manifest(repository, reference), {"Accept": ACCEPT})
        if answer.status_code in (401, 403, 404):
            return None
        answer.raise_for_status()
        return answer.headers.get("content-type", ""), answer.content

    @contextmanager
    def blob(self, repository: str, digest: str) -> Iterator[httpx.Response]:
        """Give the answer to a request for a blob, its content not yet read."""
        path = f"/v2/{self.name_of(repository)}/blobs/{digest}"
        with self._client() as client:
            # The first request only finds the token; a redirect to a store of blobs is followed without it.
            token = self._authorization(client, self._send(client, "HEAD", path, {}, plain=True))
            with client.stream("GET", path, headers=token) as answer:
                yield answer

    def _client(self) -> httpx.Client:
        timeout = httpx.Timeout(60, connect=5)
        return httpx.Client(base_url=self._url, verify=self._verify, timeout=timeout, follow_redirects=True)

    def _manifest(self, repository: str, reference: str) -> str:
        return f"/v2/{self.name_of(repository)}/manifests/{reference}"

    def _send(self, client: httpx.Client, method: str, path: str, headers: dict[str, str], *, plain: bool = False) -> httpx.Response:
        answer = client.request(method, path, headers=headers)
        if answer.status_code != 401 or plain:
            return answer
        return client.request(method, path, headers=headers | self._authorization(client, answer))

    def _authorization(self, client: httpx.Client, answer: httpx.Response) -> dict[str, str]:
        """Return the header that answers the challenge in `answer`."""
        kind, _, rest = answer.headers.get("www-authenticate", "").partition(" ")
        if answer.status_code != 401:
            return {}
        if kind.lower() != "bearer":
            return {"Authorization": _basic(*self._basic)}
        asked = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        query = {name: asked[name] for name in ("service", "scope") if name in asked}
        given = client.get(asked.get("realm", ""), params=query, auth=self._basic if self._basic[0] else None)
        body = given.json() if given.status_code == 200 else {}
        return {"Authorization": f"Bearer {body.get('token') or body.get('access_token') or ''}"}


def _basic(name: str, secret: str) -> str:
    return f"Basic {base64.b64encode(f'{name}:{secret}'.encode()).decode()}"
