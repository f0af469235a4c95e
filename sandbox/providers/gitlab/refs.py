"""Tags, and the protections of branches and tags."""

from collections.abc import Mapping
from typing import Any, ClassVar

from sandbox.providers.api import camel
from sandbox.providers.gitlab.rest import LEVELS, Rest
from sandbox.providers.plugin import Context, Properties, State


class ProjectTag(Rest):
    """A lightweight tag. Its id is `<project>:<tag>`. Another `ref` makes another tag of the same name, after the old one went."""

    collection: ClassVar = "/projects/{project}/repository/tags"
    told_apart_by: ClassVar = {"name": "name"}
    parent: ClassVar = "project"
    key: ClassVar = "name"
    renamed: ClassVar = {"name": "tag_name"}
    auto_named: ClassVar = True
    covered: ClassVar = frozenset({"project", "name", "ref"})
    computed: ClassVar = frozenset({"target", "protected", "commits", "releases"})

    def state(self, inputs: Properties, found: Any) -> State:
        """Return the state; commit and release are lists in the SDK."""
        lists = {f"{name}s": [_camel(found[name])] if found.get(name) else [] for name in ("commit", "release")}
        return super().state(inputs, {**found, **lists})

    def identity(self, identity: str) -> Properties:
        """Return the inputs that an id tells."""
        project, _, name = identity.rpartition(":")
        return {"project": project, "name": name}


class Protection(Rest):
    """The protection of a branch or a tag, by name or pattern. Its id is `<project>:<name>`."""

    parent: ClassVar = "project"
    key: ClassVar = "name"
    identified_by_inputs: ClassVar = True
    allowed: ClassVar[tuple[str, ...]]
    """The inputs that are lists of who is allowed something."""

    def identity(self, identity: str) -> Properties:
        """Return the inputs that an id tells."""
        project, _, name = identity.partition(":")
        (given,) = self.told_apart_by
        return {"project": project, given: name}

    def _sent(self, name: str, value: Any) -> Any:
        if name not in self.allowed:
            return super()._sent(name, value)
        return [{self._attribute(key): super(Protection, self)._sent(key, item[key]) for key in item} for item in value]


class BranchProtection(Protection):
    """A protected branch."""

    collection: ClassVar = "/projects/{project}/protected_branches"
    told_apart_by: ClassVar = {"branch": "name"}
    renamed: ClassVar = {
        **{"branch": "name", "allowedToPushes": "allowed_to_push", "allowedToMerges": "allowed_to_merge"},
        **{"allowedToUnprotects": "allowed_to_unprotect", "branchProtectionId": "id"},
    }
    in_place: ClassVar = frozenset({"allowForcePush", "codeOwnerApprovalRequired"})
    allowed: ClassVar = ("allowedToPushes", "allowedToMerges", "allowedToUnprotects")
    covered: ClassVar = in_place | {"project", "branch", "pushAccessLevel", "mergeAccessLevel", *allowed}
    nested: ClassVar = dict.fromkeys(allowed, frozenset({"accessLevel", "userId", "groupId", "deployKeyId"}))
    computed: ClassVar = frozenset({"branchProtectionId"})
    defaults: ClassVar = {"allowForcePush": False}

    def create(self, context: Context, inputs: Properties) -> State:
        """Protect the branch. GitLab protects a default branch by itself: that protection is replaced, as the official provider does it."""
        if not context.preview:
            self.client.remove(self.member(f"{inputs['project']}:{inputs['branch']}"))
        return super().create(context, inputs)

    def update(self, context: Context, old: State, inputs: Properties) -> State:
        """Change what GitLab lets change in place."""
        if context.preview:
            return State(old.id, {**old.outputs, **self.outputs(inputs)})
        changed = {
            name: value for name, value in self.attributes(inputs).items() if name in ("allow_force_push", "code_owner_approval_required")
        }
        return State(old.id, self.state(inputs, self.client.call("patch", self.member(old.id), changed)).outputs)


class TagProtection(Protection):
    """Protected tags. Nothing of it changes in place."""

    collection: ClassVar = "/projects/{project}/protected_tags"
    told_apart_by: ClassVar = {"tag": "name"}
    renamed: ClassVar = {"tag": "name", "allowedToCreates": "allowed_to_create"}
    allowed: ClassVar = ("allowedToCreates",)
    covered: ClassVar = frozenset({"project", "tag", "createAccessLevel", *allowed})
    nested: ClassVar = dict.fromkeys(allowed, frozenset({"accessLevel", "userId", "groupId", "deployKeyId"}))
    defaults: ClassVar = {"createAccessLevel": "maintainer"}

    def attributes(self, inputs: Properties) -> Properties:
        """Return the inputs as the API's attributes; the role is always among them, as the official provider has it."""
        return {"create_access_level": LEVELS[self.defaults["createAccessLevel"]], **super().attributes(inputs)}


def _camel(found: Mapping[str, Any]) -> Properties:
    return {camel(name): value for name, value in found.items() if value is not None}
