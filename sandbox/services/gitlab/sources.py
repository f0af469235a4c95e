"""What projects and groups have in common: members, tokens and variables belong to either."""

from dataclasses import dataclass

from sandbox.services.gitlab.access import MAINTAINER, OWNER, require_group, require_project
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.store import Row

EITHER = "/(?P<kind>projects|groups)/{id}"  # a route that exists below projects and below groups


@dataclass(frozen=True)
class Source:
    """A project or group: `type` is Project or Group."""

    type: str
    row: Row

    @property
    def id(self) -> int:
        """Its id."""
        return int(self.row["id"])

    @property
    def key(self) -> tuple[str, int]:
        """The values of the columns source_type and source_id."""
        return self.type, self.id


def find_source(call: Call, level: int | None = None) -> Source:
    """Return the project or group that the call names.

    `level` is the access level needed; without one, what GitLab asks for managing it: Maintainer of a project, Owner of a group.
    """
    if call.path["kind"] == "projects":
        return Source("Project", require_project(call.gitlab, call.someone, call.path["id"], MAINTAINER if level is None else level))
    return Source("Group", require_group(call.gitlab, call.someone, call.path["id"], OWNER if level is None else level))
