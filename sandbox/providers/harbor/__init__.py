"""The `harbor` provider: projects, their rules, robot accounts and what Harbor reads from, over REST v2.0.

What the inputs mean: https://www.pulumi.com/registry/packages/harbor/api-docs/
"""

import os
from collections.abc import Mapping
from typing import Any, Final

from sandbox.providers.api import path
from sandbox.providers.harbor.client import Client
from sandbox.providers.harbor.configuration import ConfigSystem
from sandbox.providers.harbor.projects import Project
from sandbox.providers.harbor.registries import Registry
from sandbox.providers.harbor.rest import token
from sandbox.providers.harbor.retention import RetentionPolicy
from sandbox.providers.harbor.robots import RobotAccount
from sandbox.providers.harbor.rules import ImmutableTagRule
from sandbox.providers.plugin import UNKNOWN, Failure, Plugin, Properties, Resource

_TYPES: Final = (Project, RobotAccount, ImmutableTagRule, RetentionPolicy, Registry, ConfigSystem)
_ENVIRONMENT: Final = {
    "url": "HARBOR_URL",
    "username": "HARBOR_USERNAME",
    "password": "HARBOR_PASSWORD",
    "sessionId": "HARBOR_SESSION_ID",
    "bearerToken": "HARBOR_BEARER_TOKEN",
}
_FALSE: Final = ("0", "f", "F", "false", "FALSE", "False")


class Harbor(Plugin):
    """The provider. Without options it takes HARBOR_URL and its like, and does not verify certificates, as the official one."""

    name = "harbor"
    version = "3.10.21"
    official = "pulumi plugin install resource harbor v3.10.21 --server github://api.github.com/pulumiverse/pulumi-harbor"
    json_config = frozenset({"insecure", "apiVersion"})

    def __init__(self) -> None:
        self._client = Client()
        self._resources: Mapping[str, Resource] = {token(kind.__name__): kind(self._client) for kind in _TYPES}

    def check_config(self, config: Properties) -> list[Failure]:
        """Refuse a configuration without a URL, or with one that is not Harbor's."""
        url = config.get("url") or os.environ.get("HARBOR_URL")
        if url is UNKNOWN or (url and str(url).startswith(("http://", "https://"))):
            return []
        wanted = "expected Harbor's address, such as https://harbor.example.com, in the provider's `url` or in HARBOR_URL"
        return [Failure("url", f"is {url}: {wanted}" if url else f"is missing: {wanted}")]

    def configure(self, config: Properties) -> None:
        """Take the address and the credential."""
        environment = {name: os.environ[variable] for name, variable in _ENVIRONMENT.items() if os.environ.get(variable)}
        insecure = {"insecure": os.environ.get("HARBOR_IGNORE_CERT") not in _FALSE}
        self._client.configure({**environment, **insecure, **{name: value for name, value in config.items() if value is not None}})

    def resource(self, token: str) -> Resource | None:
        """Return the implementation of a type."""
        return self._resources.get(token)

    def invoke(self, token: str, arguments: Properties) -> Properties | None:
        """Look up a project or a registry by its name."""
        name = str(arguments.get("name"))
        match token:
            case "harbor:index/getProject:getProject":
                project = _there(self._client.project(name), "project", name)
                metadata = project.get("metadata") or {}
                return {
                    "id": path("/projects/{id}", id=project["project_id"]),
                    "name": name,
                    "projectId": project["project_id"],
                    "public": metadata.get("public") == "true",
                    "type": "ProxyCache" if project.get("registry_id") else "Project",
                    "vulnerabilityScanning": metadata.get("auto_scan") == "true",
                }
            case "harbor:index/getRegistry:getRegistry":
                named = (each for each in self._client.listed("/registries") if each["name"] == name)
                registry = _there(next(named, None), "registry", name)
                return {
                    "id": path("/projects/{id}", id=registry["id"]),  # the official provider says so
                    "name": name,
                    "registryId": registry["id"],
                    "insecure": bool(registry.get("insecure")),
                    **{attribute: registry.get(attribute) or "" for attribute in ("description", "status", "type", "url")},
                }
            case _:
                return None


def plugin() -> Plugin:
    """Return the provider."""
    return Harbor()


def _there(found: Any, kind: str, name: str) -> Any:
    if found is None:
        raise ValueError(f"there is no {kind} {name!r} in Harbor, or the account may not see it: create it, or use one that can read it")
    return found
