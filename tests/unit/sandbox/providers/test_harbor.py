"""The plugin against the stand-in for Harbor, whose answers are checked against Harbor's contract elsewhere."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from sandbox.providers.api import RefusedError
from sandbox.providers.harbor import Harbor
from sandbox.providers.plugin import UNKNOWN, PartialError, State
from tests.unit.sandbox.providers.contexts import context
from tests.unit.sandbox.providers.harbor_server import PASSWORD, Kind, Served, configured, serving

SECRET, OTHER_SECRET = "Aa1" + "x" * 20, "Bb2" + "y" * 20
PULL = [{"kind": "project", "namespace": "*", "accesses": [{"resource": "repository", "action": "pull"}]}]
PUSH_TOO = [{**PULL[0], "accesses": [{"resource": "repository", "action": each} for each in ("push", "pull")]}]
KEPT = {"mostRecentlyPushed": 10, "repoMatching": "**", "tagMatching": "**"}
TYPES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "Project": ({"name": "one", "storageQuota": 5}, {"public": True, "deploymentSecurity": "high", "cveAllowlists": ["CVE-2024-1"]}),
    "RobotAccount": (
        {"name": "one", "level": "system", "permissions": PULL, "secret": SECRET, "duration": 30},
        {"permissions": PUSH_TOO, "description": "new", "disable": True, "duration": 60},
    ),
    "ImmutableTagRule": ({"tagMatching": "v*", "repoMatching": "**"}, {"tagMatching": "release-*", "disabled": True}),
    "Registry": (
        {"name": "one", "providerName": "docker-registry", "endpointUrl": ""},
        {"description": "new", "accessId": "me", "accessSecret": SECRET},
    ),
    "RetentionPolicy": (
        {"rules": [KEPT], "schedule": "daily"},
        {"rules": [KEPT, {**KEPT, "tagMatching": "v*"}], "schedule": "0 0 1 * * *"},
    ),
    "ConfigSystem": ({"robotTokenExpiration": 10}, {"storagePerProject": 7, "bannerMessage": {"message": "hello", "type": "warning"}}),
}
IDS = {
    "Project": r"/projects/\d+",
    "RobotAccount": r"/robots/\d+",
    "ImmutableTagRule": r"/projects/\d+/immutabletagrules/\d+",
    "Registry": r"/registries/\d+",
    "RetentionPolicy": r"/retentions/\d+",
    "ConfigSystem": "configuration/system",
}
Made = tuple[Kind, State, dict[str, Any]]
SECRETS = {"secret", "accessSecret"}
UNREAD = {"storageQuota", "forceDestroy"}
OWNERS = {"ImmutableTagRule": "projectId", "RetentionPolicy": "scope"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("harbor")) as harbor:
        yield harbor


@pytest.fixture(scope="module")
def harbor(served: Served) -> Harbor:
    return configured(served.url)


@pytest.fixture
def project(harbor: Harbor, request: pytest.FixtureRequest) -> Iterator[State]:
    projects = Kind(harbor, "Project")
    state = projects.create(name=f"p{abs(hash(request.node.name))}", forceDestroy=True)
    yield state
    projects.delete(state)


def wanted(served: Served, name: str, project: State) -> dict[str, Any]:
    """The inputs of one of this type, at the addresses that there are."""
    inputs = TYPES[name][0]
    where = {"endpointUrl": served.registry} if name == "Registry" else {}
    return {**inputs, **where, **({OWNERS[name]: project.id} if name in OWNERS else {})}


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
def test_a_name_that_is_taken_is_refused_with_the_next_step(harbor: Harbor, name: str) -> None:
    kind = Kind(harbor, name)
    first = kind.create(**{**TYPES[name][0], "name": "taken"})
    with pytest.raises(RefusedError, match=rf"409: .*next: import it \(`pulumi import harbor:index/\w+:{name} it {first.id}`\)"):
        kind.create(**{**TYPES[name][0], "name": "taken"})
    kind.delete(first)


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


def logs_in(address: str, robot: State, secret: str) -> bool:
    """Whether the robot gets a token for the registry."""
    account = (robot.outputs["fullName"], secret)
    answer = httpx.get(f"{address}/service/token", params={"service": "harbor-registry"}, auth=account, trust_env=False)
    return answer.status_code == 200


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


def test_a_project_with_images_goes_only_on_demand(harbor: Harbor, served: Served) -> None:
    projects = Kind(harbor, "Project")
    state = projects.create(name="full")
    served.pushed("full/team/app", "v1")
    with pytest.raises(RefusedError, match=r"the project full is not empty .*412.*next: set forceDestroy to true"):
        projects.resource.delete(context(), state)
    rules = Kind(harbor, "ImmutableTagRule")
    rule = rules.create(projectId=state.id, tagMatching="v*", repoMatching="**")
    forced = projects.update(state, forceDestroy=True)
    with pytest.raises(RefusedError, match="next: delete the immutable tag rules"):
        projects.resource.delete(context(), forced)
    rules.delete(rule)
    projects.delete(forced)


def test_a_quota_is_changed_where_harbor_keeps_it(harbor: Harbor) -> None:
    projects = Kind(harbor, "Project")
    state = projects.create(name="quota", storageQuota=1)
    projects.update(state, storageQuota=2)
    [quota] = projects.client.find("/quotas", reference="project", reference_id=state.outputs["projectId"])
    assert quota["hard"]["storage"] == 2 << 30
    projects.delete(state)


def test_a_proxy_keeps_its_registry(harbor: Harbor, served: Served) -> None:
    registries, projects = Kind(harbor, "Registry"), Kind(harbor, "Project")
    hub = registries.create(name="hub", providerName="docker-registry", endpointUrl=served.registry)
    proxy = projects.create(name="proxy", registryId=hub.outputs["registryId"])
    assert proxy.outputs["registryId"] == hub.outputs["registryId"]
    with pytest.raises(RefusedError, match=r"412.*next: delete the projects"):
        registries.resource.delete(context(), hub)
    project = harbor.invoke("harbor:index/getProject:getProject", {"name": "proxy"})
    assert project == {
        **{"id": proxy.id, "name": "proxy", "projectId": proxy.outputs["projectId"], "public": False, "type": "ProxyCache"},
        "vulnerabilityScanning": True,
    }
    registry = harbor.invoke("harbor:index/getRegistry:getRegistry", {"name": "hub"})
    assert registry is not None
    assert (registry["registryId"], registry["url"], registry["type"]) == (
        hub.outputs["registryId"],
        served.registry,
        "docker-hub",
    )
    projects.delete(proxy)
    registries.delete(hub)


def test_a_project_that_one_may_not_see_is_gone_only_where_it_is_not_listed(harbor: Harbor, served: Served, project: State) -> None:
    access = [{"resource": "project", "action": each} for each in ("list", "read")]
    inputs = {**TYPES["RobotAccount"][0], "name": "reader", "permissions": [{"kind": "system", "namespace": "/", "accesses": access[:1]}]}
    robot = Kind(harbor, "RobotAccount").create(**inputs)
    reader = Kind(configured(served.url, username=robot.outputs["fullName"], password=SECRET), "Project")
    with pytest.raises(RefusedError, match="403"):
        reader.read(project)
    assert reader.read(replace(project, id="/projects/999999")) is None
    Kind(harbor, "RobotAccount").delete(robot)


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


def test_what_does_not_exist_is_named(harbor: Harbor) -> None:
    with pytest.raises(ValueError, match="there is no project 'nowhere'"):
        harbor.invoke("harbor:index/getProject:getProject", {"name": "nowhere"})
    with pytest.raises(ValueError, match="there is no project 'nowhere'"):
        Kind(harbor, "RobotAccount").create(name="a", level="project", permissions=[{**PULL[0], "namespace": "nowhere"}])


def test_a_refusal_never_shows_the_password(served: Served) -> None:
    with pytest.raises(RefusedError, match=r"401.*next: see the provider's `username` and `password`") as refused:
        Kind(configured(served.url, password="wrong-" + PASSWORD), "Project").create(name="a")
    assert PASSWORD not in str(refused.value)


def test_the_configuration_comes_from_the_environment_too(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Harbor().check_config({})
    assert Harbor().check_config({"url": "harbor.dev.test"})
    assert not Harbor().check_config({"url": UNKNOWN})
    monkeypatch.setenv("HARBOR_URL", served.url)
    monkeypatch.setenv("HARBOR_USERNAME", "admin")
    monkeypatch.setenv("HARBOR_PASSWORD", PASSWORD)
    plugin = Harbor()
    assert not plugin.check_config({})
    plugin.configure({})
    assert Kind(plugin, "ConfigSystem").read(State("configuration/system", {}))
