"""What stays while data is kept: nothing that stays may stand on something that goes."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ops.deletions import STATEFUL
from ops.keeping import going, kept, needed

PROJECT = "gitlab:index/project:Project"
OTHER = "kubernetes:core/v1:ConfigMap"


def resource(name: str, kind: str = OTHER, **more: Any) -> dict[str, Any]:
    """A resource in an exported state."""
    return {"urn": name, "type": kind, **more}


@st.composite
def states(draw: st.DrawFn) -> list[dict[str, Any]]:
    """States in which each resource stands on some before it."""
    found: list[dict[str, Any]] = []
    for number in range(draw(st.integers(0, 12))):
        before = st.sampled_from([each["urn"] for each in found]) if found else st.nothing()
        some = st.lists(before, max_size=3) if found else st.just([])
        one = st.none() | before if found else st.none()
        more = {
            "dependencies": draw(some),
            "propertyDependencies": {"a": draw(some)},
            "parent": draw(one),
            "deletedWith": draw(one),
        }
        found.append(resource(f"r{number}", draw(st.sampled_from([*STATEFUL, OTHER])), **more))
    return found


@given(states())
def test_what_stays_stands_on_nothing_that_goes(state: list[dict[str, Any]]) -> None:
    goes, stays = set(going(state)), kept(state)
    assert goes | stays == {each["urn"] for each in state}
    assert not goes & stays
    for each in state:
        if each["type"] in STATEFUL:
            assert each["urn"] in stays
        if each["urn"] in stays:
            assert not goes & set(needed(each))


def test_a_provider_stays_with_what_it_serves() -> None:
    state = [resource("gl", "pulumi:providers:gitlab"), resource("x"), resource("p", PROJECT, provider="gl::7f3c")]
    assert kept(state) == {"gl", "p"}
    assert going(state) == ["x"]


def test_a_kept_repository_keeps_its_files_and_its_protection() -> None:
    file = resource("f", "gitlab:index/repositoryFile:RepositoryFile", dependencies=["p"])
    protection = resource("b", "gitlab:index/branchProtection:BranchProtection", dependencies=["p"])
    hook = resource("h", "gitlab:index/projectHook:ProjectHook", dependencies=["p"])
    assert going([resource("p", PROJECT), file, protection, hook]) == ["h"]


def test_the_stack_itself_neither_goes_nor_stays() -> None:
    assert going([resource("stack", "pulumi:pulumi:Stack")]) == []
