"""The plugin against the stand-in for GitLab, whose answers are checked against GitLab's contract elsewhere."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sandbox.providers.api import RefusedError, camel, path, snake
from sandbox.providers.gitlab import GitLab
from sandbox.providers.plugin import UNKNOWN, State
from tests.unit.sandbox.providers.contexts import context
from tests.unit.sandbox.providers.gitlab_server import ROOT_TOKEN, Kind, serving


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a stand-in with the group `platform`."""
    with serving(tmp_path_factory.mktemp("gitlab")) as url:
        yield url


@pytest.fixture(scope="module")
def gitlab(address: str) -> GitLab:
    plugin = GitLab()
    plugin.configure({"baseUrl": f"{address}/api/v4/", "token": ROOT_TOKEN})
    return plugin


@pytest.fixture
def project(gitlab: GitLab, request: pytest.FixtureRequest) -> Iterator[State]:
    group = gitlab.invoke("gitlab:index/getGroup:getGroup", {"fullPath": "platform"})
    assert group is not None
    projects = Kind(gitlab, "Project")
    name = request.node.name.replace("_", "-").split("[")[0].lower()
    state = projects.create(name=name, namespaceId=group["groupId"], defaultBranch="main", initializeWithReadme=True)
    yield state
    projects.delete(state)


def test_a_project_is_updated_and_never_replaced(gitlab: GitLab, project: State, address: str) -> None:
    projects = Kind(gitlab, "Project")
    assert project.outputs["httpUrlToRepo"].startswith(f"{address}/platform/")
    assert projects.update(project, description="new", initializeWithReadme=False).outputs["description"] == "new"


def test_a_change_made_elsewhere_is_noticed(gitlab: GitLab, project: State) -> None:
    projects = Kind(gitlab, "Project")
    mine = projects.update(project, description="mine")
    projects.update(mine, description="theirs")
    found = projects.read(mine)
    assert found is not None
    assert (found.inputs or {})["description"] == "theirs"


def test_a_project_is_imported_by_its_number(gitlab: GitLab, project: State) -> None:
    found = Kind(gitlab, "Project").read(State(project.id, {}))
    assert found is not None
    assert (found.inputs or {})["name"] == project.outputs["name"]
    assert found.outputs["pathWithNamespace"] == project.outputs["pathWithNamespace"]


def test_a_name_that_is_taken_is_refused_with_the_next_step(gitlab: GitLab, project: State) -> None:
    with pytest.raises(RefusedError, match=r"has already been taken.*; import it"):
        Kind(gitlab, "Project").create(**(project.inputs or {}))


def test_a_protected_default_branch_is_taken_over(gitlab: GitLab, project: State) -> None:
    protections = Kind(gitlab, "BranchProtection")
    state = protections.create(project=project.id, branch="main", pushAccessLevel="no one", mergeAccessLevel="maintainer")
    assert state.id == f"{project.id}:main"
    assert protections.update(state, allowForcePush=True).outputs["allowForcePush"] is True
    diff = protections.resource.diff(context(), state, {**(state.inputs or {}), "pushAccessLevel": "maintainer"})
    assert (set(diff.replaces), diff.delete_before_replace) == ({"pushAccessLevel"}, True)
    protections.delete(state)


def test_bots_alone_may_push_where_a_protection_names_them(gitlab: GitLab, project: State, address: str) -> None:
    tokens, protections = Kind(gitlab, "ProjectAccessToken"), Kind(gitlab, "BranchProtection")
    access = {"scopes": ["api"], "accessLevel": "developer", "expiresAt": "2099-01-01", "project": project.id}
    named, other = (tokens.create(name=name, **access) for name in ("named", "other"))
    assert isinstance(named.outputs["userId"], int)
    assert named.outputs["userId"] != other.outputs["userId"]
    protection = protections.create(
        project=project.id, branch="main", pushAccessLevel="no one", allowedToPushes=[{"userId": named.outputs["userId"]}]
    )
    found = protections.read(protection)
    assert found is not None
    assert found.inputs == protection.inputs
    for bot, may in ((named, True), (other, False)):
        own = GitLab()
        own.configure({"baseUrl": f"{address}/api/v4/", "token": bot.outputs["token"]})
        files, inputs = Kind(own, "RepositoryFile"), {"project": project.id, "branch": "main", "filePath": "a.txt", "content": "a"}
        if may:
            files.delete(files.create(**inputs, encoding="text"))
        else:
            with pytest.raises(RefusedError, match="not allowed to push"):
                files.create(**inputs, encoding="text")
    protections.delete(protection)


@pytest.mark.parametrize("kind", ["GroupDeployToken", "GroupAccessToken"])
def test_a_token_of_a_group(gitlab: GitLab, kind: str) -> None:
    group, tokens = gitlab.invoke("gitlab:index/getGroup:getGroup", {"fullPath": "platform"}), Kind(gitlab, kind)
    assert group is not None
    access = {"accessLevel": "developer", "expiresAt": "2099-01-01"} if kind == "GroupAccessToken" else {}
    state = tokens.create(group=str(group["groupId"]), name="bot", scopes=["read_repository"], **access)
    found = tokens.read(state)
    assert found is not None
    assert found.outputs["token"] == state.outputs["token"]
    assert isinstance(found.outputs["userId" if access else "username"], int if access else str)
    tokens.delete(state)


def test_a_tag_is_made_at_a_branch_and_stays_there(gitlab: GitLab, project: State) -> None:
    tags, files = Kind(gitlab, "ProjectTag"), Kind(gitlab, "RepositoryFile")
    state = tags.create(project=project.id, name="platform-1", ref="main")
    assert state.id == f"{project.id}:platform-1"
    assert (state.outputs["protected"], state.outputs["releases"]) == (False, [])
    assert state.outputs["commits"][0]["id"] == state.outputs["target"]
    file = files.create(project=project.id, branch="main", filePath="a", content="a", encoding="text")
    found = tags.read(state)
    assert found is not None
    assert (found.inputs, found.outputs["target"]) == (state.inputs, state.outputs["target"])
    diff = tags.resource.diff(context(), state, {**(state.inputs or {}), "ref": "other"})
    assert (set(diff.replaces), diff.delete_before_replace) == ({"ref"}, True)
    with pytest.raises(RefusedError, match="platform-1 already exists"):
        tags.create(**(state.inputs or {}))
    files.delete(file)
    tags.delete(state)


def test_a_tag_is_imported_by_its_name(gitlab: GitLab, project: State) -> None:
    tags = Kind(gitlab, "ProjectTag")
    state = tags.create(project=project.id, name="v1.0.0", ref="main")
    found = tags.read(State(state.id, {}))
    assert found is not None
    assert found.inputs == {"project": project.id, "name": "v1.0.0"}
    tags.delete(state)


def test_protected_tags_are_for_whom_the_protection_names(gitlab: GitLab, project: State, address: str) -> None:
    tokens, protections, tags = Kind(gitlab, "ProjectAccessToken"), Kind(gitlab, "TagProtection"), Kind(gitlab, "ProjectTag")
    bot = tokens.create(project=project.id, name="bot", scopes=["api"], accessLevel="developer", expiresAt="2099-01-01")
    own = GitLab()
    own.configure({"baseUrl": f"{address}/api/v4/", "token": bot.outputs["token"]})
    inputs = {"project": project.id, "name": "platform-1", "ref": "main"}

    protection = protections.create(project=project.id, tag="platform-*")
    assert (protection.id, protection.outputs["createAccessLevel"]) == (f"{project.id}:platform-*", "maintainer")
    with pytest.raises(RefusedError, match="not allowed to create this tag"):
        Kind(own, "ProjectTag").create(**inputs)
    state = tags.create(**inputs)
    assert state.outputs["protected"] is True
    tags.delete(state)

    allowed = {**(protection.inputs or {}), "allowedToCreates": [{"userId": bot.outputs["userId"]}]}
    diff = protections.resource.diff(context(), protection, allowed)
    assert (set(diff.replaces), diff.delete_before_replace) == ({"allowedToCreates"}, True)
    protections.delete(protection)
    protection = protections.create(**allowed)
    tags.delete(Kind(own, "ProjectTag").create(**inputs))
    assert protections.read(protection) is not None
    protections.delete(protection)


@pytest.mark.parametrize("kind", ["ProjectDeployToken", "ProjectAccessToken"])
def test_a_token_is_told_once_and_kept_by_a_refresh(gitlab: GitLab, project: State, kind: str) -> None:
    tokens = Kind(gitlab, kind)
    access = {"accessLevel": "developer", "expiresAt": "2099-01-01"} if kind == "ProjectAccessToken" else {}
    state = tokens.create(project=project.id, name="bot", scopes=["read_repository"], **access)
    found = tokens.read(state)
    assert found is not None
    assert found.outputs["token"] == state.outputs["token"]
    assert found.inputs == state.inputs
    tokens.delete(state)


def test_a_hook_is_updated_in_place_and_moves_by_replacement(gitlab: GitLab, project: State) -> None:
    hooks = Kind(gitlab, "ProjectHook")
    state = hooks.create(project=project.id, url="http://10.1.2.3/a", token="t" * 20, pushEvents=True)
    assert hooks.update(state, mergeRequestsEvents=True).outputs["mergeRequestsEvents"] is True
    assert hooks.resource.diff(context(), state, {**(state.inputs or {}), "url": "http://10.1.2.3/b"}).replaces == {"url"}
    hooks.delete(state)


@pytest.mark.parametrize(("encoding", "first", "second"), [("text", "a: 1\n", "a: 2\n"), ("base64", "/w==", "/v8=")])
def test_a_file_is_committed_changed_and_removed(gitlab: GitLab, project: State, encoding: str, first: str, second: str) -> None:
    files = Kind(gitlab, "RepositoryFile")
    state = files.create(project=project.id, branch="main", filePath="apps/a/values.yaml", content=first, encoding=encoding)
    assert state.id == f"{project.id}:main:apps/a/values.yaml"
    changed = files.update(state, content=second)
    assert changed.outputs["blobId"] != state.outputs["blobId"]
    stale = files.read(replace(changed, inputs=state.inputs))
    assert stale is not None
    assert (stale.inputs or {})["content"] == second
    files.delete(changed)


def test_a_file_that_exists_is_overwritten_only_on_demand(gitlab: GitLab, project: State) -> None:
    files = Kind(gitlab, "RepositoryFile")
    inputs = {"project": project.id, "branch": "main", "filePath": "README.md", "content": "new", "encoding": "text"}
    with pytest.raises(RefusedError, match="already exists"):
        files.create(**inputs)
    assert files.create(**inputs, overwriteOnCreate=True).outputs["fileName"] == "README.md"


def test_a_variable_is_known_by_its_key_and_environment(gitlab: GitLab, project: State) -> None:
    variables = Kind(gitlab, "ProjectVariable")
    state = variables.create(project=project.id, key="MODE", value="a")
    assert state.id == f"{project.id}:MODE:*"
    variables.update(state, value="b")
    variables.delete(state)


def test_a_preview_asks_for_nothing(gitlab: GitLab) -> None:
    token = Kind(gitlab, "ProjectDeployToken").resource.create(context(preview=True), {"project": UNKNOWN, "name": "a", "scopes": []})
    assert token.outputs["token"] is UNKNOWN


def test_a_group_that_does_not_exist_is_named(gitlab: GitLab) -> None:
    with pytest.raises(ValueError, match="there is no group 'nowhere'"):
        gitlab.invoke("gitlab:index/getGroup:getGroup", {"fullPath": "nowhere"})


def test_a_refusal_never_shows_the_token(address: str) -> None:
    stranger = GitLab()
    stranger.configure({"baseUrl": f"{address}/api/v4/", "token": "glpat-" + "x" * 20})
    with pytest.raises(RefusedError, match="401") as refused:
        stranger.invoke("gitlab:index/getCurrentUser:getCurrentUser", {})
    assert "xxx" not in str(refused.value)


def test_an_address_that_is_not_the_api_is_refused() -> None:
    assert GitLab().check_config({"baseUrl": "http://gitlab.dev.test"})
    assert not GitLab().check_config({"baseUrl": UNKNOWN})
    assert not GitLab().check_config({"baseUrl": "http://gitlab.dev.test/api/v4/"})


def test_spellings_are_translated_both_ways() -> None:
    assert (snake("pushEventsBranchFilter"), camel("http_url_to_repo")) == ("push_events_branch_filter", "httpUrlToRepo")
    assert path("/projects/{project}/hooks", project="a/b") == "/projects/a%2Fb/hooks"
