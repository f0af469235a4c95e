"""What of a stack stays when its data is kept: what holds data, and all that this stands on."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ops.deletions import STATEFUL

CONTENT = {
    "gitlab:index/repositoryFile:RepositoryFile",
    "gitlab:index/projectTag:ProjectTag",
    "gitlab:index/branchProtection:BranchProtection",
    "gitlab:index/tagProtection:TagProtection",
    "harbor:index/immutableTagRule:ImmutableTagRule",
}
"""Types that are part of what holds data: a deleted file would be a commit in somebody's repository, and protection protects."""
Resource = Mapping[str, Any]
"""A resource as in an exported state."""


def kept(resources: Collection[Resource]) -> set[str]:
    """The URNs of the resources that stay: those of stateful types and their content, and whatever these depend on."""
    known = {str(each["urn"]): each for each in resources}
    found: set[str] = set()
    open_ends = [str(each["urn"]) for each in resources if each["type"] in STATEFUL or each["type"] in CONTENT]
    while open_ends:
        urn = open_ends.pop()
        if urn in known and urn not in found:
            found.add(urn)
            open_ends += needed(known[urn])
    return found


def going(resources: Collection[Resource]) -> list[str]:
    """The URNs of those that go while data is kept."""
    stays = kept(resources)
    return [str(each["urn"]) for each in resources if each["urn"] not in stays and each["type"] != "pulumi:pulumi:Stack"]


def needed(resource: Resource) -> Iterable[str]:
    """What a resource stands on. Of `deletedWith` it is only said that both go together, and then it must not go alone."""
    yield from resource.get("dependencies") or []
    for several in (resource.get("propertyDependencies") or {}).values():
        yield from several or []
    if parent := resource.get("parent"):
        yield str(parent)
    if provider := resource.get("provider"):
        yield str(provider).rpartition("::")[0]
    if together := resource.get("deletedWith"):
        yield str(together)
