"""A stack's Jenkins as its administrator uses it: https://www.jenkins.io/doc/book/using/remote-access-api/"""

from ipaddress import IPv4Address
from typing import Any

import httpx

from sandbox.stack import Stack


class Jenkins:
    """Jenkins' JSON API with the administrator's password, by the node's address: names need not resolve here."""

    def __init__(self, stack: Stack, node: IPv4Address | str) -> None:
        outputs = stack.outputs()
        self._client = httpx.Client(
            base_url=f"http://{node}",
            headers={"Host": f"jenkins.{stack.name}.test"},
            auth=(outputs["jenkinsUsername"], outputs["jenkinsPassword"]),
            trust_env=False,
            timeout=30,
        )

    def get(self, path: str) -> httpx.Response:
        """What Jenkins answers."""
        return self._client.get(path)

    def post(self, path: str, **options: Any) -> httpx.Response:
        """What Jenkins answers to a post with a crumb, which it wants with a password."""
        crumb = self._client.get("/crumbIssuer/api/json").raise_for_status().json()
        headers = {crumb["crumbRequestField"]: crumb["crumb"], **options.pop("headers", {})}
        return self._client.post(path, headers=headers, **options)

    def start(self, job: str, **parameters: str) -> None:
        """Start a build; without parameters, with the job's own. Raises httpx.HTTPStatusError where Jenkins does not take it."""
        self.post(f"{path(job)}/buildWithParameters", data=parameters).raise_for_status()

    def is_busy(self, job: str) -> bool:
        """Whether a job is at work, or waits to be."""
        found = self.get(f"{path(job)}/api/json?tree=inQueue,builds[building]").raise_for_status().json()
        return bool(found["inQueue"] or any(build["building"] for build in found["builds"]))


def path(job: str) -> str:
    """The path of a job or folder by its full name."""
    return "".join(f"/job/{part}" for part in job.split("/"))
