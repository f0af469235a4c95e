"""The `gitlab` provider: groups, projects and what belongs to them, over REST v4.

What the inputs mean: https://www.pulumi.com/registry/packages/gitlab/api-docs/
"""

import os
from collections.abc import Mapping
from typing import Any

from sandbox.providers.api import camel, path
from sandbox.providers.gitlab.children import (
    GroupAccessToken,
    GroupDeployToken,
    GroupHook,
    GroupVariable,
    ProjectAccessToken,
    ProjectDeployToken,
    ProjectHook,
    ProjectMembership,
    ProjectVariable,
)
from sandbox.providers.gitlab.client import Client
from sandbox.providers.gitlab.files import RepositoryFile
from sandbox.providers.gitlab.namespaces import Group, Project
from sandbox.providers.gitlab.refs import BranchProtection, ProjectTag, TagProtection
from sandbox.providers.plugin import UNKNOWN, Failure, Plugin, Properties, Resource

_TYPES = (
    *(Group, Project, ProjectHook, GroupHook, RepositoryFile, ProjectTag, BranchProtection, TagProtection, ProjectMembership),
    *(ProjectDeployToken, GroupDeployToken, ProjectAccessToken, GroupAccessToken, ProjectVariable, GroupVariable),
)
_ENVIRONMENT = {"baseUrl": "GITLAB_BASE_URL", "token": "GITLAB_TOKEN"}


class GitLab(Plugin):
    """The provider. Without options it takes GITLAB_BASE_URL and GITLAB_TOKEN, as the official one."""

    name = "gitlab"
    version = "10.4.0"
    official = "pulumi plugin install resource gitlab v10.4.0"
    json_config = frozenset({"insecure", "earlyAuthCheck", "retries", "headers", "enableAutoCiSupport"})

    def __init__(self) -> None:
        self._client = Client()
        self._resources: Mapping[str, Resource] = {_token(kind.__name__): kind(self._client) for kind in _TYPES}

    def check_config(self, config: Properties) -> list[Failure]:
        """Refuse a base URL that is not the API's."""
        url = config.get("baseUrl")
        if url is None or url is UNKNOWN or str(url).rstrip("/").endswith("/api/v4"):
            return []
        return [Failure("baseUrl", f"is {url}: expected the API's URL, such as https://gitlab.example.com/api/v4/")]

    def configure(self, config: Properties) -> None:
        """Take the address and the token."""
        environment = {name: os.environ[variable] for name, variable in _ENVIRONMENT.items() if os.environ.get(variable)}
        self._client.configure({**environment, **{name: value for name, value in config.items() if value is not None}})

    def resource(self, token: str) -> Resource | None:
        """Return the implementation of a type."""
        return self._resources.get(token)

    def invoke(self, token: str, arguments: Properties) -> Properties | None:
        """Look up a group, a project or the token's own user."""
        match token:
            case "gitlab:index/getGroup:getGroup":
                found = self._lookup("group", arguments.get("groupId") or arguments.get("fullPath"))
                return {
                    **found,
                    "groupId": found["id"],
                    "id": str(found["id"]),
                    "visibilityLevel": found.get("visibility"),
                }
            case "gitlab:index/getProject:getProject":
                found = self._lookup("project", arguments.get("id") or arguments.get("pathWithNamespace"))
                return {**found, "id": str(found["id"]), "visibilityLevel": found.get("visibility")}
            case "gitlab:index/getCurrentUser:getCurrentUser":
                user = _plain(self._client.call("get", "/user"))
                number = str(user["id"])
                return {
                    **user,
                    "id": number,
                    "globalId": f"gid://gitlab/User/{number}",
                    "publicEmail": user.get("publicEmail") or "",
                }
            case _:
                return None

    def _lookup(self, kind: str, identity: Any) -> Properties:
        if identity is None:
            raise ValueError(f"a {kind} is looked up by its number or its full path: neither is given")
        found = self._client.find(path(f"/{kind}s/{{identity}}", identity=identity))
        if found is None:
            raise ValueError(f"there is no {kind} {identity!r}, or the token may not see it: create it, or use a token that can read it")
        return _plain(found)


def plugin() -> Plugin:
    """Return the provider."""
    return GitLab()


def _token(name: str) -> str:
    return f"gitlab:index/{name[0].lower()}{name[1:]}:{name}"


def _plain(found: Mapping[str, Any]) -> Properties:
    """Return the plain attributes of GitLab's answer: objects inside it have other forms in the SDK, and tokens are nobody's business."""
    return {camel(name): value for name, value in found.items() if not isinstance(value, (dict, list)) and not name.endswith("token")}
