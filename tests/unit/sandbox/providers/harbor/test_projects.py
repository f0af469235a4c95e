"""Projects and what they hold; lookups; who may see what."""

from dataclasses import replace

import pytest

from sandbox.providers.api import RefusedError
from sandbox.providers.harbor import Harbor
from sandbox.providers.plugin import UNKNOWN, State
from tests.unit.sandbox.providers.contexts import context
from tests.unit.sandbox.providers.harbor.cases import PULL, SECRET, TYPES, wanted
from tests.unit.sandbox.providers.harbor.server import PASSWORD, Kind, Served, configured


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
    assert (registry["registryId"], registry["url"]) == (hub.outputs["registryId"], served.registry)
    projects.delete(proxy)
    registries.delete(hub)


@pytest.mark.parametrize("name", ["Project", "ImmutableTagRule"])
def test_to_a_robot_a_project_is_gone_where_it_is_forbidden_and_not_listed(
    harbor: Harbor, served: Served, project: State, name: str
) -> None:
    robots, kind = Kind(harbor, "RobotAccount"), Kind(harbor, name)
    robot = robots.create(**{**TYPES["RobotAccount"][0], "name": "puller"})
    allowed = Kind(configured(served.url, username=robot.outputs["fullName"], password=SECRET), name)
    state = project if name == "Project" else kind.create(**wanted(served, name, project))
    with pytest.raises(RefusedError, match=r"403.*next: use an account that may do this"):
        allowed.read(state)
    gone = "/projects/999999"
    assert allowed.read(replace(state, id=state.id.replace(project.id, gone))) is None
    robots.delete(robot)
    kind.resource.delete(context(), state)


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
