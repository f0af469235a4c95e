"""Robot accounts: names, secrets and permissions."""

import pytest

from sandbox.providers.api import RefusedError
from sandbox.providers.harbor import Harbor
from sandbox.providers.plugin import UNKNOWN, PartialError, State
from tests.unit.sandbox.providers.contexts import context
from tests.unit.sandbox.providers.harbor.cases import OTHER_SECRET, PULL, PUSH_TOO, SECRET, TYPES, logs_in
from tests.unit.sandbox.providers.harbor.server import Kind, Served, configured


def test_a_robot_of_a_project_has_the_projects_name_in_its_own(harbor: Harbor, project: State) -> None:
    robots, namespace = Kind(harbor, "RobotAccount"), project.outputs["name"]
    state = robots.create(name="ci", level="project", permissions=[{**PULL[0], "namespace": namespace}])
    assert state.outputs["fullName"] == f"robot${namespace}+ci"
    assert state.outputs["robotId"] == state.id.rpartition("/")[2]
    found = robots.read(state)
    assert found is not None
    assert found.inputs == state.inputs
    with pytest.raises(RefusedError, match=f"import it .* {state.id}"):
        robots.create(**(state.inputs or {}))
    robots.delete(state)


def test_a_robots_secret_is_changed_in_place(harbor: Harbor, served: Served) -> None:
    robots = Kind(harbor, "RobotAccount")
    state = robots.create(**{**TYPES["RobotAccount"][0], "name": "rotated"})
    assert logs_in(served.url, state, SECRET)
    changed = robots.update(state, secret=OTHER_SECRET)
    assert changed.outputs["secret"] == OTHER_SECRET
    assert (logs_in(served.url, state, SECRET), logs_in(served.url, state, OTHER_SECRET)) == (False, True)
    robots.delete(changed)


def test_a_secret_that_harbor_makes_is_told_once_and_kept(harbor: Harbor, served: Served) -> None:
    robots = Kind(harbor, "RobotAccount")
    state = robots.create(name="made", level="system", permissions=PULL)
    assert logs_in(served.url, state, state.outputs["secret"])
    for later in (robots.read(state), robots.update(state, description="new")):
        assert later is not None
        assert later.outputs["secret"] == state.outputs["secret"]
    robots.delete(state)


def test_a_secret_that_harbor_refuses_is_set_by_the_next_run(harbor: Harbor, served: Served) -> None:
    robots = Kind(harbor, "RobotAccount")
    inputs, _ = robots.resource.check(context(), None, {**TYPES["RobotAccount"][0], "name": "weak", "secret": "weak-secret"})
    with pytest.raises(PartialError, match=r"/robots/.* was made, but Harbor answered PATCH .* 400") as failed:
        robots.resource.create(context(), inputs)
    assert "weak-secret" not in str(failed.value)
    repaired = robots.update(failed.value.state, **{**inputs, "secret": SECRET})
    assert logs_in(served.url, repaired, SECRET)
    robots.delete(repaired)


def test_permissions_are_sets(harbor: Harbor) -> None:
    robots = Kind(harbor, "RobotAccount").resource
    more = [*PUSH_TOO, {"kind": "system", "namespace": "/", "accesses": [{"resource": "project", "action": "list"}]}]
    orders = [more, [*reversed(more), more[0]]]
    first, second = (robots.check(context(), None, {**TYPES["RobotAccount"][0], "permissions": each})[0] for each in orders)
    assert first == second
    assert robots.check(context(), None, {"name": "a", "level": "system", "permissions": UNKNOWN})[0]["permissions"] is UNKNOWN


def test_who_may_not_ask_for_the_prefix_tells_it(harbor: Harbor, served: Served) -> None:
    actions = [{"resource": "robot", "action": each} for each in ("create", "delete", "list", "read")]
    permissions = [*PULL, {"kind": "system", "namespace": "/", "accesses": actions}]
    maker = Kind(harbor, "RobotAccount").create(name="maker", level="system", permissions=permissions, secret=SECRET)
    account = {"username": maker.outputs["fullName"], "password": SECRET}
    with pytest.raises(RefusedError, match=r"403.*robotPrefix"):
        Kind(configured(served.url, **account), "RobotAccount").read(maker)
    telling = Kind(configured(served.url, **account, robotPrefix="robot$"), "RobotAccount")
    found = telling.read(maker)
    assert found is not None
    assert found.inputs == maker.inputs
    Kind(harbor, "RobotAccount").delete(maker)
