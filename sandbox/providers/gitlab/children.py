"""What belongs to a project or a group: hooks, tokens, variables, members."""

from typing import Any, ClassVar

from sandbox.providers.api import path
from sandbox.providers.gitlab.rest import Rest
from sandbox.providers.plugin import Properties, State

_EVENTS = (
    *("push", "tagPush", "issues", "confidentialIssues", "note", "confidentialNote"),
    *("mergeRequests", "job", "pipeline", "wikiPage", "deployment", "releases"),
)


class ProjectHook(Rest):
    """A webhook. Its token is never read back; another URL makes another hook, as the token goes with the URL."""

    collection: ClassVar = "/projects/{project}/hooks"
    told_apart_by: ClassVar = {"url": "url"}
    parent: ClassVar = "project"
    in_place: ClassVar = frozenset(
        {f"{event}Events" for event in _EVENTS}
        | {
            "token",
            "enableSslVerification",
            "pushEventsBranchFilter",
            "branchFilterStrategy",
            "name",
            "description",
            "customWebhookTemplate",
        }
    )
    covered: ClassVar = in_place | {"project", "url"}
    computed: ClassVar = frozenset({"hookId", "projectId", "alertStatus", "disabledUntil"} | {f"{event}Events" for event in _EVENTS})

    def state(self, inputs: Properties, found: Any) -> State:
        """Return the state, with the hook's number under the SDK's name."""
        return super().state(inputs, {**found, "hook_id": found["id"]})


class GroupHook(ProjectHook):
    """A webhook of a group (a paid tier on GitLab.com)."""

    collection: ClassVar = "/groups/{group}/hooks"
    parent: ClassVar = "group"
    in_place: ClassVar = ProjectHook.in_place | {"subgroupEvents", "memberEvents", "projectEvents"}
    covered: ClassVar = in_place | {"group", "url"}
    computed: ClassVar = (ProjectHook.computed - {"projectId"}) | {"groupId"}


class ProjectDeployToken(Rest):
    """A deploy token, told by GitLab once. The SDK's class marks it as secret."""

    collection: ClassVar = "/projects/{project}/deploy_tokens"
    told_apart_by: ClassVar = {"name": "name"}
    parent: ClassVar = "project"
    auto_named: ClassVar = True
    options: ClassVar = frozenset({"validatePastExpirationDate"})
    in_place: ClassVar = options
    covered: ClassVar = frozenset({"project", "name", "scopes", "username", "expiresAt"}) | options
    computed: ClassVar = frozenset({"token", "username", "expired", "revoked"})
    created_only: ClassVar = frozenset({"token"})

    def gone(self, found: Any) -> bool:
        """Tell whether it lets nobody in any more: a new one is needed."""
        return bool(found.get("revoked") or found.get("expired"))


class GroupDeployToken(ProjectDeployToken):
    """A deploy token of a group."""

    collection: ClassVar = "/groups/{group}/deploy_tokens"
    parent: ClassVar = "group"
    covered: ClassVar = (ProjectDeployToken.covered - {"project"}) | {"group"}


class ProjectAccessToken(Rest):
    """An access token of a bot user, told by GitLab once. The SDK's class marks it as secret."""

    collection: ClassVar = "/projects/{project}/access_tokens"
    told_apart_by: ClassVar = {"name": "name"}
    parent: ClassVar = "project"
    auto_named: ClassVar = True
    options: ClassVar = frozenset({"validatePastExpirationDate"})
    in_place: ClassVar = options
    covered: ClassVar = frozenset({"project", "name", "scopes", "accessLevel", "expiresAt", "description"}) | options
    computed: ClassVar = frozenset({"token", "active", "createdAt", "revoked", "userId", "expiresAt", "accessLevel"})
    created_only: ClassVar = frozenset({"token"})

    def gone(self, found: Any) -> bool:
        """Tell whether it lets nobody in any more: a new one is needed."""
        return bool(found.get("revoked")) or found.get("active") is False


class GroupAccessToken(ProjectAccessToken):
    """An access token of a group's bot user."""

    collection: ClassVar = "/groups/{group}/access_tokens"
    parent: ClassVar = "group"
    covered: ClassVar = (ProjectAccessToken.covered - {"project"}) | {"group"}


class ProjectVariable(Rest):
    """A CI/CD variable. Its id is `<project>:<key>:<environment scope>`."""

    collection: ClassVar = "/projects/{project}/variables"
    told_apart_by: ClassVar = {"key": "key", "environmentScope": "environment_scope"}
    parent: ClassVar = "project"
    key: ClassVar = "key"
    identified_by_inputs: ClassVar = True
    in_place: ClassVar = frozenset({"value", "description", "masked", "protected", "raw", "variableType"})
    covered: ClassVar = in_place | {"project", "key", "environmentScope"}
    defaults: ClassVar = {
        "environmentScope": "*",
        "masked": False,
        "protected": False,
        "raw": False,
        "variableType": "env_var",
    }

    def state(self, inputs: Properties, found: Any) -> State:
        """Return the state, whose id ends in the environment."""
        made = super().state(inputs, found)
        return State(f"{made.id}:{found.get('environment_scope', '*')}", made.outputs)

    def member(self, identity: str) -> str:
        """Return the path of one variable: the same key may exist for several environments."""
        parent, key, scope = identity.rsplit(":", 2)
        return super().member(f"{parent}:{key}") + path("?filter[environment_scope]={scope}", scope=scope)

    def identity(self, identity: str) -> Properties:
        """Return the inputs that an id tells."""
        parent, key, scope = identity.rsplit(":", 2)
        return {str(self.parent): parent, "key": key, "environmentScope": scope}


class GroupVariable(ProjectVariable):
    """A CI/CD variable of a group."""

    collection: ClassVar = "/groups/{group}/variables"
    parent: ClassVar = "group"
    covered: ClassVar = (ProjectVariable.covered - {"project"}) | {"group"}


class ProjectMembership(Rest):
    """A user's role in a project. Its id is `<project>:<user's number>`."""

    collection: ClassVar = "/projects/{project}/members"
    told_apart_by: ClassVar = {"userId": "id"}
    parent: ClassVar = "project"
    identified_by_inputs: ClassVar = True
    in_place: ClassVar = frozenset({"accessLevel", "expiresAt"})
    covered: ClassVar = in_place | {"project", "userId"}

    def identity(self, identity: str) -> Properties:
        """Return the inputs that an id tells."""
        project, _, user = identity.rpartition(":")
        return {"project": project, "userId": int(user)}
