"""Core's own requests to the registry, with tokens that it signs for itself."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from sandbox.services.harbor.errors import unavailable
from sandbox.services.harbor.keys import Signer
from sandbox.services.harbor.manifest import ACCEPT

ALL = ("pull", "push", "delete")


class Registry:
    """The registry at `url`. Every method raises ApiError 502 where it does not answer, or not as it should."""

    def __init__(self, url: str, signer: Signer) -> None:
        self.url = url.rstrip("/")
        self._signer = signer
        timeout, verify = httpx.Timeout(60, connect=3), self.url.startswith("https")
        self._http = httpx.Client(base_url=self.url, trust_env=False, timeout=timeout, verify=verify)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def token(self, *repositories: str) -> str:
        """Return a token of core's own for everything in `repositories`."""
        return self._signer.sign("harbor-core", [(name, ALL) for name in repositories], seconds=600)

    def healthy(self) -> bool:
        """Tell whether it answers at all: without a token it says 401."""
        try:
            return self._http.get("/v2/", timeout=2).status_code in (200, 401)
        except httpx.HTTPError:
            return False

    def has_manifest(self, repository: str, digest: str) -> bool:
        """Tell whether the manifest is there."""
        return self._send("HEAD", repository, f"manifests/{digest}", (200, 404)).status_code == 200

    def put_manifest(self, repository: str, digest: str, media_type: str, body: bytes) -> None:
        """Store a manifest whose blobs are there."""
        self._send("PUT", repository, f"manifests/{digest}", (201,), content=body, headers={"Content-Type": media_type})

    def delete_manifest(self, repository: str, digest: str) -> None:
        """Delete a manifest; none there is as good."""
        self._send("DELETE", repository, f"manifests/{digest}", (202, 404))

    def has_blob(self, repository: str, digest: str) -> bool:
        """Tell whether the blob is there."""
        return self._send("HEAD", repository, f"blobs/{digest}", (200, 404)).status_code == 200

    def upload(self, repository: str, digest: str, chunks: Iterator[bytes]) -> None:
        """Store a blob, which the registry compares with its digest."""
        place = self._send("POST", repository, "blobs/uploads/", (202,)).headers["location"]
        headers = {"Authorization": f"Bearer {self.token(repository)}", "Content-Type": "application/octet-stream"}
        try:
            answer = self._http.put(httpx.URL(place).copy_add_param("digest", digest), content=chunks, headers=headers)
        except httpx.HTTPError as error:
            raise unavailable(f"{error!r}: the registry {self.url}, or the one behind it,") from error
        if answer.status_code != 201:
            raise unavailable(f"{answer.status_code} to the blob {digest} ({answer.text.strip()}): the registry {self.url}")

    def mount(self, repository: str, digest: str, source: str) -> None:
        """Make the blob `digest` of the repository `source` one of `repository` too."""
        self._send("POST", repository, "blobs/uploads/", (201,), params={"mount": digest, "from": source}, also=source)

    def blob(self, repository: str, digest: str, limit: int) -> bytes:
        """Return a small blob, at most `limit` bytes of it."""
        with self.stream(repository, digest) as chunks:
            content = b""
            for chunk in chunks:
                content += chunk
                if len(content) > limit:
                    break
            return content[:limit]

    @contextmanager
    def stream(self, repository: str, digest: str) -> Iterator[Iterator[bytes]]:
        """Give the chunks of a blob."""
        headers = {"Authorization": f"Bearer {self.token(repository)}"}
        try:
            with self._http.stream("GET", f"/v2/{repository}/blobs/{digest}", headers=headers) as answer:
                if answer.status_code != 200:
                    raise unavailable(f"{answer.status_code} for the blob {digest} of {repository}: the registry {self.url}")
                yield answer.iter_raw(1 << 16)
        except httpx.HTTPError as error:
            raise unavailable(f"{error!r}: the registry {self.url}") from error

    def _send(
        self, method: str, repository: str, rest: str, expected: tuple[int, ...], *, content: bytes = b"",
        headers: dict[str, str] | None = None, params: dict[str, str] | None = None, also: str = "",
    ) -> httpx.Response:  # fmt: skip
        token = self.token(repository, *([also] if also else []))
        given = {"Authorization": f"Bearer {token}", "Accept": ACCEPT, **(headers or {})}
        try:
            answer = self._http.request(method, f"/v2/{repository}/{rest}", content=content, headers=given, params=params)
        except httpx.HTTPError as error:
            raise unavailable(f"{error!r}: the registry {self.url}") from error
        if answer.status_code not in expected:
            raise unavailable(f"{answer.status_code} to {method} {repository}/{rest} ({answer.text.strip()}): the registry {self.url}")
        return answer
