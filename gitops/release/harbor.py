"""Harbor for releases: digests, tags and scans of one platform's images. https://goharbor.io/docs/2.14.0/build-customize-contribute/configure-swagger/"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx

from gitops.release.errors import RefusedError, UnreachableError
from gitops.release.options import registry_login

REPORTS = (
    "application/vnd.security.vulnerability.report; version=1.1",
    "application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0",
)
"""Kinds of a scanner's report: https://github.com/goharbor/pluggable-scanner-spec"""
PAGE, PAGES = 100, 1000
TRIES, PAUSE_SECONDS = 3, 1.5
TRANSIENT = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True, kw_only=True)
class HarborAccess:
    """url: of Harbor. username, password: of an account there. ca: PEM file of authorities; None for the usual ones."""

    url: str
    username: str
    password: str = field(repr=False)
    ca: str | None = None


@dataclass(frozen=True, kw_only=True)
class Scan:
    """status: as Harbor says it, empty where there was none. id: of its report."""

    status: str = ""
    id: str = ""


class Harbor:
    """A registry's API. A repository is written with its project: `acme/alice/shop`; a reference is a tag or a digest."""

    def __init__(self, access: HarborAccess) -> None:
        self.access = access
        self._client = httpx.Client(
            base_url=f"{access.url}/api/v2.0", auth=(access.username, access.password), verify=access.ca or True, timeout=30
        )

    @classmethod
    def of(cls, environment: Mapping[str, str], ca: str | None) -> "Harbor":
        """The registry of a job, by the account that it is given. Raises UnreachableError where it is given none."""
        username, password = registry_login()
        return cls(HarborAccess(url=f"https://{environment['SLIPWAY_REGISTRY']}", username=username, password=password, ca=ca))

    def digest(self, repository: str, reference: str) -> str | None:
        """The digest of an image; None where there is none."""
        found = self._get(_artifact(repository, reference))
        return str(found["digest"]) if found else None

    def tags(self, repository: str, digest: str) -> list[str]:
        """The tags of an image."""
        return [str(each["name"]) for each in self._listed(f"{_artifact(repository, digest)}/tags")]

    def every_tag(self, repository: str) -> Iterator[str]:
        """The tags of all images of a repository."""
        for artifact in self._listed(f"{repository_path(repository)}/artifacts", with_tag="true"):
            yield from (str(tag["name"]) for tag in artifact.get("tags") or [])

    def add_tag(self, repository: str, digest: str, tag: str) -> bool:
        """Give an image a tag; whether it was free."""
        with self._explained(f"{repository}:{tag}"):
            answer = self._client.post(f"{_artifact(repository, digest)}/tags", json={"name": tag})
            if answer.status_code == 409:
                return False
            answer.raise_for_status()
        return True

    def scan(self, repository: str, digest: str) -> Scan:
        """The newest scan of an image."""
        found = self._get(_artifact(repository, digest), ", ".join(REPORTS), with_scan_overview="true") or {}
        for overview in (found.get("scan_overview") or {}).values():
            return Scan(status=str(overview.get("scan_status") or ""), id=str(overview.get("report_id") or ""))
        return Scan()

    def start_scan(self, repository: str, digest: str) -> None:
        """Have an image scanned; one that is being scanned already is left alone."""
        with self._explained(repository):
            answer = self._client.post(f"{_artifact(repository, digest)}/scan")
            if answer.status_code == 400 and "support" in answer.text:
                raise RefusedError(f"Harbor cannot scan {repository}@{digest}: {_said(answer)}\nNext: build an image for one platform.")
            if answer.status_code != 409:
                answer.raise_for_status()

    def report(self, repository: str, digest: str) -> dict[str, Any]:
        """The scanner's report on an image; empty where there is none."""
        found = self._get(f"{_artifact(repository, digest)}/additions/vulnerabilities", ", ".join(REPORTS)) or {}
        return next((dict(found[kind]) for kind in REPORTS if found.get(kind)), {})

    def _get(self, path: str, accept: str = "", **query: str) -> Any:
        """What is at a path; None where there is nothing."""
        with self._explained(path):
            answer = self._tried(path, {"X-Accept-Vulnerabilities": accept} if accept else {}, query)
            if answer.status_code == 404:
                return None
            answer.raise_for_status()
            return answer.json()

    def _tried(self, path: str, headers: Mapping[str, str], query: Mapping[str, str]) -> httpx.Response:
        for left in reversed(range(TRIES)):
            try:
                answer = self._client.get(path, headers=dict(headers), params=dict(query))
                if answer.status_code not in TRANSIENT or not left:
                    return answer
            except httpx.TransportError:
                if not left:
                    raise
            time.sleep(PAUSE_SECONDS)
        raise AssertionError("the last try returns or raises")

    def _listed(self, path: str, **query: str) -> Iterator[dict[str, Any]]:
        for page in range(1, PAGES):
            found = self._get(path, page=str(page), page_size=str(PAGE), **query) or []
            yield from found
            if len(found) < PAGE:
                return

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        host = self.access.url
        try:
            yield
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            hint = {
                401: "its robot's credential has expired or was renewed; raise slipway:rotation.robots and run `pulumi up`",
                403: "the account may not do that; see the robots of the workspace in Harbor",
            }.get(status, "see whether Harbor is well, then run this again")
            raise UnreachableError(f"Harbor at {host} answered {status} ({_said(error.response)}) for {what}. Next: {hint}.") from None
        except (httpx.HTTPError, ValueError) as error:
            raise UnreachableError(
                f"Harbor at {host} does not answer ({type(error).__name__}). Next: see whether it is well, then run this again."
            ) from None


def repository_path(name: str) -> str:
    """The API's path of a repository, by its whole name: what comes below the project is encoded twice.

    https://goharbor.io/docs/2.14.0/working-with-projects/working-with-images/
    """
    project, _, below = name.partition("/")
    return f"/projects/{quote(project, safe='')}/repositories/{quote(quote(below, safe=''), safe='')}"


def _artifact(repository: str, reference: str) -> str:
    return f"{repository_path(repository)}/artifacts/{quote(reference, safe=':')}"


def _said(answer: httpx.Response) -> str:
    text = "" if "<html" in answer.text.lower() else " ".join(answer.text.split())[:300]
    return text or answer.reason_phrase
