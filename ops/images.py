"""The images that a plan would take away, and their removal before Pulumi deletes the projects that hold them."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from gitops.release.harbor import repository_path

PAGE = 100


@dataclass(frozen=True)
class Image:
    """A repository of images in Harbor: its whole name, and how many artifacts it holds."""

    name: str
    artifacts: int

    def __str__(self) -> str:
        return f"{self.name} ({self.artifacts} {'image' if self.artifacts == 1 else 'images'})"


class Harbor:
    """Harbor's API with the stack's administrator. `outputs` are the stack's, secrets in clear. Raises httpx.HTTPError where it fails."""

    def __init__(self, outputs: Mapping[str, Any]) -> None:
        context = ssl.create_default_context()
        if outputs["caBundle"]:
            context.load_verify_locations(cadata=outputs["caBundle"])
        self._client = httpx.Client(
            base_url=f"{outputs['harborUrl']}/api/v2.0",
            auth=(outputs["harborUsername"], outputs["harborPassword"]),
            verify=context,
            timeout=30,
        )

    def images(self, project: str) -> list[Image]:
        """The repositories of a project; none where there is no such project."""
        found = self._listed(f"/projects/{project}/repositories")
        return [Image(each["name"], each.get("artifact_count", 0)) for each in found]

    def purge(self, project: str) -> None:
        """Delete every image of a project. Its immutable tags lose their protection first, or Harbor would refuse."""
        for rule in self._listed(f"/projects/{project}/immutabletagrules"):
            self._client.put(f"/projects/{project}/immutabletagrules/{rule['id']}", json=rule | {"disabled": True}).raise_for_status()
        for image in self.images(project):
            answer = self._client.delete(repository_path(image.name))
            if answer.status_code != 404:  # gone meanwhile: an earlier run was interrupted
                answer.raise_for_status()

    def _listed(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            answer = self._client.get(path, params={"page": len(found) // PAGE + 1, "page_size": PAGE})
            if answer.status_code in {403, 404}:
                return []
            answer.raise_for_status()
            page = answer.json() or []
            found += page
            if len(page) < PAGE:
                return found
