"""Each type against the stand-in for Harbor, whose answers are checked against Harbor's contract elsewhere."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.providers.api import RefusedError
from sandbox.providers.harbor import Harbor
from sandbox.providers.plugin import UNKNOWN, State
from tests.unit.sandbox.providers.contexts import context
from tests.unit.sandbox.providers.harbor.cases import (
    IDS,
    OWNERS,
    SECRETS,
    TYPES,
    UNREAD,
    Made,
    wanted,
)
from tests.unit.sandbox.providers.harbor.server import Kind, Served


@pytest.fixture(params=sorted(TYPES))
def made(harbor: Harbor, served: Served, project: State, request: pytest.FixtureRequest) -> Iterator[Made]:
    """A type, one of it, and other values for some of its inputs."""
    kind = Kind(harbor, request.param)
    state = kind.create(**wanted(served, kind.name, project))
    yield kind, state, TYPES[kind.name][1]
    kind.resource.delete(context(), state)


def same(inputs: dict[str, Any], expected: dict[str, Any], without: set[str] = SECRETS) -> bool:
    return {name: inputs.get(name) for name in expected.keys() - without} == {name: expected[name] for name in expected.keys() - without}


def test_one_of_each_type_is_made_changed_and_read_as_it_is(made: Made) -> None:
    kind, state, change = made
    assert re.fullmatch(IDS[kind.name], state.id)
    found = kind.read(state)
    assert found is not None
    assert found.inputs == state.inputs
    assert found.outputs == state.outputs
    changed = kind.update(state, **change)
    found = kind.read(changed)
    assert found is not None
    assert found.inputs == changed.inputs


def test_a_change_made_elsewhere_is_noticed_and_corrected(made: Made) -> None:
    kind, mine, change = made
    theirs = kind.update(mine, **change)
    found = kind.read(mine)
    assert found is not None
    assert found.inputs is not None
    assert same(found.inputs, theirs.inputs or {}, SECRETS | UNREAD)
    assert kind.resource.diff(context(), found, mine.inputs or {}).changes
    corrected = kind.update(found, **{**dict.fromkeys(change), **(mine.inputs or {})})
    assert same((kind.read(mine) or corrected).inputs or {}, mine.inputs or {})


def test_it_is_imported_by_its_id(made: Made) -> None:
    kind, state, change = made
    changed = kind.update(state, **change)
    found = kind.read(State(state.id, {}))
    assert found is not None
    differences = kind.resource.diff(context(), found, changed.inputs or {})
    assert set(differences.changes) <= SECRETS | UNREAD
    assert not differences.replaces


def test_what_somebody_removed_is_gone_and_removed_again(made: Made) -> None:
    kind, state, _ = made
    if kind.name == "ConfigSystem":
        kind.resource.delete(context(), state)
        assert kind.read(state) is not None, "settings stay"
    elif kind.name == "RetentionPolicy":
        kind.resource.delete(context(), state)
        kind.resource.delete(context(), state)
        found = kind.read(state)
        assert found is not None
        assert (found.inputs or {})["rules"] == [], "a project's policy stays, without rules"
        again = kind.create(**{**(state.inputs or {}), "schedule": "Weekly"})
        assert (again.id, again.outputs["schedule"]) == (state.id, "Weekly")
    else:
        kind.client.remove(state.id)
        assert kind.read(state) is None
        kind.delete(state)


@pytest.mark.parametrize(
    ("name", "changes", "delete_first"),
    [
        ("Project", {"name": "two"}, False),
        ("Project", {"registryId": 1}, True),
        ("RobotAccount", {"name": "two"}, False),
        ("RobotAccount", {"level": "project"}, True),
        ("ImmutableTagRule", {"projectId": "/projects/2"}, False),
        ("Registry", {"providerName": "quay"}, True),
        ("RetentionPolicy", {"scope": "/projects/2"}, False),
    ],
    ids=str,
)
def test_what_harbor_cannot_change_makes_another(harbor: Harbor, name: str, changes: dict[str, Any], delete_first: bool) -> None:
    resource = Kind(harbor, name).resource
    inputs, _ = resource.check(context(), None, {**TYPES[name][0], **({OWNERS[name]: "/projects/1"} if name in OWNERS else {})})
    diff = resource.diff(context(), State("", {}, inputs), {**inputs, **changes})
    assert (set(diff.replaces), diff.delete_before_replace) == (set(changes), delete_first)


@pytest.mark.parametrize(("name", "input"), [("Project", "registryId"), ("RobotAccount", "secret")])
def test_what_is_left_out_later_stays(harbor: Harbor, name: str, input: str) -> None:
    inputs = {**TYPES[name][0], input: 1}
    without = {each: value for each, value in inputs.items() if each != input}
    assert not Kind(harbor, name).resource.diff(context(), State("", {}, inputs), without).changes


@pytest.mark.parametrize("name", ["Project", "RobotAccount", "Registry"])
def test_a_name_that_is_taken_is_refused_with_the_next_step(harbor: Harbor, served: Served, project: State, name: str) -> None:
    kind, inputs = Kind(harbor, name), {**wanted(served, name, project), "name": "taken"}
    first = kind.create(**inputs)
    with pytest.raises(RefusedError, match=rf"409: .*next: import it \(`pulumi import harbor:index/\w+:{name} it {first.id}`\)"):
        kind.create(**inputs)
    kind.delete(first)


def test_a_preview_asks_for_nothing() -> None:
    plugin = Harbor()
    plugin.configure({"url": UNKNOWN, "password": UNKNOWN})
    computed = {"Project": ["projectId", "registryId"], "RobotAccount": ["fullName", "robotId"], "Registry": ["registryId", "status"]}
    for name, outputs in computed.items():
        resource = Kind(plugin, name).resource
        inputs, _ = resource.check(context(), None, {**TYPES[name][0], "name": UNKNOWN})
        planned = resource.create(context(preview=True), inputs).outputs
        assert all(planned[each] is UNKNOWN for each in outputs)
        updated = resource.update(
            context(preview=True), State("/x/1", {**planned, outputs[0]: 7}, inputs), {**inputs, "description": "new"}
        )
        assert updated.outputs[outputs[0]] == 7


@pytest.mark.parametrize(
    ("name", "inputs", "refused"),
    [
        ("ImmutableTagRule", {"projectId": "1"}, "expected the project's id, such as /projects/1"),
        ("Registry", {"providerName": "dockerhub"}, "expected one of .*docker-hub"),
        ("Project", {"deploymentSecurity": "worst"}, "expected one of none, low"),
        ("Project", {"vulnerabilityScanner": "trivy"}, "does not cover `vulnerabilityScanner`"),
    ],
    ids=str,
)
def test_an_input_that_cannot_be_right_is_refused(harbor: Harbor, name: str, inputs: dict[str, Any], refused: str) -> None:
    _, failures = Kind(harbor, name).resource.check(context(), None, inputs)
    assert [each.property for each in failures] == list(inputs)
    assert re.search(refused, failures[0].reason)


def test_an_id_of_another_form_is_refused(harbor: Harbor) -> None:
    with pytest.raises(ValueError, match=r"the id is '1': expected one like /projects/1"):
        Kind(harbor, "Project").read(State("1", {}))
