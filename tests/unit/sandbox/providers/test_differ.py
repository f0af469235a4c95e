"""What counts as a change, and what of it forces a replacement."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sandbox.providers.differ import compare, parse, text, without
from sandbox.providers.plugin import UNKNOWN

STEPS = st.lists(st.text(min_size=1) | st.integers(0, 99), min_size=1, max_size=5).filter(lambda steps: isinstance(steps[0], str))
LEAVES = st.none() | st.booleans() | st.integers() | st.text()
TREES = st.dictionaries(st.text(), st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10))


@given(STEPS)
def test_paths_are_read_as_they_are_written(steps: list[str | int]) -> None:
    assert parse(text(tuple(steps))) == tuple(steps)


@given(TREES)
def test_nothing_differs_from_itself(tree: dict[str, Any]) -> None:
    assert not compare(tree, tree, {"*"}).changes


@given(TREES, TREES)
def test_a_difference_the_other_way_round_has_the_same_paths(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert compare(old, new).changes.keys() == compare(new, old).changes.keys()


def test_changes_are_told_by_path_and_kind() -> None:
    old = {"spec": {"replicas": 1, "paused": True, "ports": [{"name": "http"}]}, "data": {"a.b": "1"}}
    new = {"spec": {"replicas": 2, "ports": [{"name": "web"}, {"name": "tls"}]}, "data": {"a.b": "2"}}
    assert compare(old, new).changes == {
        "spec.replicas": "update",
        "spec.paused": "delete",
        "spec.ports[0].name": "update",
        "spec.ports[1]": "add",
        'data["a.b"]': "update",
    }


def test_what_is_unknown_is_a_change() -> None:
    assert compare({"name": "a"}, {"name": UNKNOWN}).changes == {"name": "update"}


def test_true_is_not_one() -> None:
    assert compare({"flag": 1}, {"flag": True}).changes == {"flag": "update"}


def test_absent_and_none_are_the_same() -> None:
    assert not compare({"name": None}, {}).changes


def test_a_replacement_is_forced_below_at_and_above_a_path() -> None:
    below = compare({"spec": {"selector": {"app": "a"}}}, {"spec": {"selector": {"app": "b"}}}, {"spec.selector"})
    above = compare({"spec": {"selector": {}}}, {}, {"spec.selector"})
    beside = compare({"spec": {"replicas": 1}}, {"spec": {"replicas": 2}}, {"spec.selector"})
    assert (set(below.replaces), set(above.replaces), set(beside.replaces)) == ({"spec.selector.app"}, {"spec"}, set())


def test_any_index_fits_a_star() -> None:
    old, new = {"ports": [{"name": "a", "number": 1}]}, {"ports": [{"name": "b", "number": 2}]}
    assert compare(old, new, {"ports[*].name"}).replaces == {"ports[0].name"}


def test_the_old_one_goes_first_only_where_something_is_replaced() -> None:
    assert not compare({"a": 1}, {"a": 2}, {"b"}, delete_before_replace=True).delete_before_replace
    assert compare({"b": 1}, {"b": 2}, {"b"}, delete_before_replace=True).delete_before_replace


def test_ignored_changes_force_no_replacement() -> None:
    diff = compare({"name": "a", "spec": {"x": 1}}, {"name": "b", "spec": {"x": 2}}, {"name"}, delete_before_replace=True)
    kept = without(diff, ["name"])
    assert (dict(kept.changes), set(kept.replaces), kept.delete_before_replace) == ({"spec.x": "update"}, set(), False)
    assert not without(diff, ["*"]).changes
