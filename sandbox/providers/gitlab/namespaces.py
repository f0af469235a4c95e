"""Groups and projects."""

from typing import Any, ClassVar

from sandbox.providers.api import path
from sandbox.providers.gitlab.rest import Rest
from sandbox.providers.plugin import Context, Properties, State
from sandbox.providers.waiting import until

_DELETION_SECONDS = 120.0


class _Namespace(Rest):
    """What both have in common: a place in the tree, and a deletion that takes time."""

    auto_named: ClassVar = True
    place: ClassVar[str]
    """The input that says where in the tree it is."""
    permanently: ClassVar[str]
    """The input that asks for a deletion without delay."""
    full_path: ClassVar[str]
    told_apart_by: ClassVar = {"name": "name"}
    listed: ClassVar[str]
    """The list of those in a group."""

    def listing(self, inputs: Properties) -> str | None:
        """Return the path of the list that a new one would appear in; none for one that is in no group."""
        group = inputs.get(self.place)
        return path("/groups/{group}/{listed}", group=group, listed=self.listed) if group else None

    def update(self, context: Context, old: State, inputs: Properties) -> State:
        """Send what changed. Raises ValueError on a move to another place."""
        if (old.inputs or {}).get(self.place) != inputs.get(self.place):
            raise ValueError(
                f"{self.place} cannot be changed: the sandbox's provider does not cover transfers; move it in GitLab and refresh"
            )
        return super().update(context, old, inputs)

    def delete(self, context: Context, state: State) -> None:
        """Delete it and wait until it is gone, or until GitLab has said for when it scheduled that."""
        member = self.member(state.id)
        name = state.outputs.get(self.full_path, state.id)

        def settled() -> str | None:
            found = self.client.find(member)
            return "gone" if found is None else found.get("marked_for_deletion_on")

        self.client.remove(member, made=settled)

        date = until(context, settled, _DELETION_SECONDS, f"{name} to be deleted")
        if date == "gone":
            return
        if state.outputs.get(self.permanently):
            found = self.client.find(member) or {}
            self.client.remove(member, permanently_remove=True, full_path=found.get(_path_attribute(self.full_path), name))
            until(context, lambda: self.client.find(member) is None, _DELETION_SECONDS, f"{name} to be deleted for good")
        else:
            context.log.warning(f"{name} is scheduled for deletion on {date}: GitLab keeps it, and may hold its path, until then")

    def gone(self, found: Any) -> bool:
        """Tell whether its deletion is scheduled: the official provider takes it for deleted too."""
        return bool(found.get("marked_for_deletion_on"))


class Group(_Namespace):
    """A group. Top-level ones cannot be made on GitLab.com."""

    collection: ClassVar = "/groups"
    listed: ClassVar = "subgroups"
    place: ClassVar = "parentId"
    permanently: ClassVar = "permanentlyRemoveOnDelete"
    full_path: ClassVar = "fullPath"
    options: ClassVar = frozenset({"permanentlyRemoveOnDelete"})
    renamed: ClassVar = {"visibilityLevel": "visibility"}
    in_place: ClassVar = frozenset(
        {
            "name",
            "path",
            "description",
            "parentId",
            "visibilityLevel",
            "defaultBranch",
            "permanentlyRemoveOnDelete",
            "lfsEnabled",
        }
        | {
            "projectCreationLevel",
            "subgroupCreationLevel",
            "requestAccessEnabled",
            "shareWithGroupLock",
            "emailsEnabled",
        }
        | {"mentionsDisabled", "autoDevopsEnabled", "sharedRunnersSetting", "preventForkingOutsideGroup"}
    )
    covered: ClassVar = in_place
    computed: ClassVar = frozenset(
        {"fullName", "fullPath", "webUrl", "avatarUrl", "visibilityLevel", "path", "description", "defaultBranch"}
    )


class Project(_Namespace):
    """A project."""

    collection: ClassVar = "/projects"
    listed: ClassVar = "projects"
    place: ClassVar = "namespaceId"
    permanently: ClassVar = "permanentlyDeleteOnDestroy"
    full_path: ClassVar = "pathWithNamespace"
    options: ClassVar = frozenset({"permanentlyDeleteOnDestroy", "skipWaitForDefaultBranchProtection"})
    create_only: ClassVar = frozenset({"initializeWithReadme"})
    renamed: ClassVar = {"visibilityLevel": "visibility", "publicJobs": "public_jobs"}
    _settings: ClassVar = frozenset(
        {
            "name",
            "path",
            "description",
            "namespaceId",
            "visibilityLevel",
            "defaultBranch",
            "topics",
            "lfsEnabled",
            "ciConfigPath",
        }
        | {f"{part}AccessLevel" for part in ("issues", "mergeRequests", "wiki", "snippets", "builds", "repository", "pages", "forking")}
        | {f"{part}AccessLevel" for part in ("containerRegistry", "packageRegistry", "releases", "environments", "featureFlags")}
        | {f"{part}AccessLevel" for part in ("analytics", "infrastructure", "monitor", "modelRegistry", "modelExperiments", "requirements")}
        | {
            "securityAndComplianceAccessLevel",
            "packagesEnabled",
            "autoDevopsEnabled",
            "sharedRunnersEnabled",
            "groupRunnersEnabled",
        }
        | {
            "mergeMethod",
            "squashOption",
            "onlyAllowMergeIfPipelineSucceeds",
            "onlyAllowMergeIfAllDiscussionsAreResolved",
        }
        | {
            "removeSourceBranchAfterMerge",
            "requestAccessEnabled",
            "printingMergeRequestLinkEnabled",
            "resolveOutdatedDiffDiscussions",
        }
        | {
            "mergeCommitTemplate",
            "squashCommitTemplate",
            "suggestionCommitMessage",
            "buildTimeout",
            "publicJobs",
            "emailsEnabled",
        }
        | {
            "autocloseReferencedIssues",
            "allowMergeOnSkippedPipeline",
            "keepLatestArtifact",
            "ciDefaultGitDepth",
            "archived",
        }
    )
    # Nothing replaces a project: it would take its repository along.
    in_place: ClassVar = _settings | options | create_only
    covered: ClassVar = in_place
    computed: ClassVar = frozenset(
        {
            "httpUrlToRepo",
            "sshUrlToRepo",
            "webUrl",
            "pathWithNamespace",
            "defaultBranch",
            "path",
            "namespaceId",
            "visibilityLevel",
        }
        | {"description", "avatarUrl", "topics", "archived", "emptyRepo"}
    )

    def create(self, context: Context, inputs: Properties) -> State:
        """Create it."""
        created = super().create(context, {name: value for name, value in inputs.items() if name != "archived"})
        if inputs.get("archived") and not context.preview:
            self.client.call("post", path("/projects/{project}/archive", project=created.id))
        return created

    def update(self, context: Context, old: State, inputs: Properties) -> State:
        """Send what changed; archiving has a call of its own."""
        before, after = bool((old.inputs or {}).get("archived")), bool(inputs.get("archived"))
        if before != after and not context.preview:
            action = "archive" if after else "unarchive"
            self.client.call("post", path("/projects/{project}/{action}", project=old.id, action=action))
        return super().update(context, old, inputs)

    def attributes(self, inputs: Properties) -> Properties:
        """Return the inputs as the API's attributes."""
        return super().attributes({name: value for name, value in inputs.items() if name != "archived"})

    def state(self, inputs: Properties, found: Any) -> State:
        """Return the state; the namespace is an object of its own in GitLab's answer."""
        return super().state(inputs, {**found, "namespace_id": (found.get("namespace") or {}).get("id")})

    def _sent(self, name: str, value: Any) -> Any:
        return value  # a feature's access level is a word, not a role

    def _shown(self, name: str, value: Any) -> Any:
        return value

    def _current(self, name: str, value: Any, found: Any) -> Any:
        return super()._current(name, value, {**found, "namespace_id": (found.get("namespace") or {}).get("id")})


def _path_attribute(name: str) -> str:
    return "full_path" if name == "fullPath" else "path_with_namespace"
