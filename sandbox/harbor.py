"""A stack's Harbor, as whoever administers the sandbox reaches it: by the node's address, whatever this machine's resolver says."""

import ssl
from typing import Any

import httpx

from gitops.release.harbor import repository_path
from sandbox.outside import Outside
from sandbox.stack import Stack

API = "/api/v2.0"


def host(stack: str) -> str:
    """The DNS name of a stack's Harbor, by the stack's name."""
    return f"harbor.{stack}.test"


class Administrator:
    """Harbor's API with its administrator's password. `bundle` is PEM text of the authority to trust."""

    def __init__(self, stack: Stack, world: Outside, password: str, bundle: str) -> None:
        self._host = host(stack.name)
        context = ssl.create_default_context()
        context.load_verify_locations(cadata=bundle)
        self._client = httpx.Client(
            base_url=f"https://{world.addresses.node(stack.place)}",
            headers={"Host": self._host},
            auth=("admin", password),
            verify=context,
            trust_env=False,
            timeout=30,
        )

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request to a path below `/api/v2.0`. Raises httpx.HTTPError where Harbor cannot be reached."""
        return self._client.request(method, f"{API}{path}", extensions={"sni_hostname": self._host}, **options)

    def listed(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Everything that a path lists."""
        found: list[dict[str, Any]] = []
        for page in range(1, 1000):
            answer = self.call("GET", path, params={**query, "page": page, "page_size": 100})
            answer.raise_for_status()
            found += answer.json() or []
            if len(found) >= int(answer.headers.get("X-Total-Count", 0)):
                break
        return found

    def digest(self, project: str, repository: str, tag: str) -> str | None:
        """The digest of an image by its tag; None where there is none. `repository` is its name below the project's."""
        answer = self.call("GET", artifact_path(project, repository, tag))
        if answer.status_code == 404:
            return None
        answer.raise_for_status()
        return str(answer.json()["digest"])


def artifact_path(project: str, repository: str, reference: str) -> str:
    """The path of an artifact; `repository` is its name below the project's."""
    return f"{repository_path(f'{project}/{repository}')}/artifacts/{reference}"


def administrator(stack: Stack, world: Outside) -> Administrator:
    """The administrator of the stack's Harbor, by the stack's outputs."""
    outputs = stack.outputs()
    return Administrator(stack, world, outputs["harborPassword"], outputs["caBundle"])
