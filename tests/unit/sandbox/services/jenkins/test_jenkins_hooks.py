"""GitLab's hooks, as gitlab-plugin takes them."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.services.jenkins.hook_filters import ant_match, branch_allowed
from sandbox.services.jenkins.model import Item
from tests.unit.sandbox.services.jenkins.kit import (
    BUILDER,
    HOOK,
    ITEMS,
    JOB,
    MERGE_REQUEST,
    PUSH,
    READER,
    TOKEN,
    TRIGGER,
    FakeEngine,
    Kit,
    controller,
    job,
)


def count(kit: Kit) -> int:
    kit.idle()
    return len(kit.builds())


def change(payload: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """The payload with fields changed; `a__b` is field b of a."""
    new = copy.deepcopy(payload)
    for name, value in changed.items():
        *way, last = name.split("__")
        place = new
        for part in way:
            place = place[part]
        place[last] = value
    return new


def with_trigger(tmp_path: Path, **trigger: Any) -> Any:
    items: list[Item] = [*ITEMS[:3], job(gitlab_trigger=TRIGGER | trigger)]
    return controller(tmp_path, FakeEngine(items=items))


def test_a_push_builds_with_what_the_hook_tells(kit: Kit) -> None:
    assert kit.hook(PUSH) == 200
    assert count(kit) == 1
    record = kit.runner.records[0]
    assert record.parameters == {"BRANCH": "main", "MODE": "fast", "DRY": True}
    expected = {
        **{"gitlabActionType": "PUSH", "gitlabBranch": "main", "gitlabSourceBranch": "main", "gitlabTargetBranch": "main"},
        **{"gitlabBefore": "1" * 40, "gitlabAfter": "2" * 40, "gitlabUserName": "Alice", "gitlabUserUsername": "alice"},
        **{"gitlabSourceNamespace": "acme", "gitlabSourceRepoName": "shop", "BUILD_NUMBER": "1", "JOB_NAME": JOB, "DRY": "true"},
        "BUILD_URL": "http://jenkins.dev.test/job/acme/job/build/job/alice-shop/1/",
    }
    assert {name: record.environment.get(name) for name in expected} == expected
    assert "gitlabMergeRequestTitle" not in record.environment  # Jenkins drops empty ones
    build = kit.builds()[0]
    assert build["description"] == "Started by GitLab push by Alice"
    assert json.loads(build["causes"])[0]["shortDescription"] == "Started by GitLab push by Alice"


@pytest.mark.parametrize(("name", "value"), [("user_name", ""), ("user_username", "")])
def test_the_cause_names_who_is_known(kit: Kit, name: str, value: str) -> None:
    kit.hook(change(PUSH, user_name="", **({name: value} if name != "user_name" else {})))
    kit.idle()
    who = {"user_name": "alice", "user_username": "Alice"}[name]
    assert kit.builds()[0]["description"] == f"Started by GitLab push by {who}"


@pytest.mark.parametrize(
    ("address", "event", "token", "status"),
    [
        (HOOK, "Push Hook", TOKEN, 200),
        (f"{HOOK}/more/path", "Push Hook", TOKEN, 200),
        (HOOK, "Push Hook", None, 401),
        (HOOK, "Push Hook", "", 401),
        (HOOK, "Push Hook", "wrong", 401),
        (HOOK, "Tag Push Hook", "wrong", 401),
        (HOOK, "Merge Request Hook", "wrong", 401),
        (HOOK, "Note Hook", "wrong", 401),
        (HOOK, "System Hook", "wrong", 401),
        ("/project/acme/build", "Push Hook", TOKEN, 404),
        ("/project/acme/build/nobody", "Push Hook", TOKEN, 404),
        ("/project/", "Push Hook", TOKEN, 404),
    ],
)
def test_answers(kit: Kit, address: str, event: str, token: str | None, status: int) -> None:
    assert kit.hook(PUSH, event, token, address) == status
    assert count(kit) == (1 if status == 200 else 0)


@pytest.mark.parametrize("event", ["", "Issue Hook", "Job Hook", "Note Hook", "Pipeline Hook", "push hook"])
def test_other_events_are_passed_over(kit: Kit, event: str) -> None:
    assert kit.hook(PUSH, event) == 200
    assert count(kit) == 0


def test_other_methods_build_nothing(kit: Kit) -> None:
    headers = {"X-Gitlab-Event": "Push Hook", "X-Gitlab-Token": TOKEN}
    assert kit.http.get(HOOK, headers=headers).status_code == 200
    assert kit.http.put(HOOK, headers=headers, json=PUSH).status_code == 200
    assert kit.http.post(HOOK, headers={"X-Gitlab-Token": TOKEN}, json=PUSH).status_code == 200
    assert kit.http.get("/project/nobody").status_code == 404
    assert count(kit) == 0


@pytest.mark.parametrize(
    ("changed", "built"),
    [
        ({"ref": "refs/heads/main"}, 1),
        ({"ref": "refs/heads/other"}, 0),
        ({"ref": "refs/heads/main/sub"}, 0),
        ({"ref": None}, 0),
        ({"after": "0" * 40}, 0),
        ({"after": None}, 0),
        ({"commits": [{"message": "Fix [ci-skip]"}]}, 0),
        ({"commits": [{"message": "Fix [ci-skip]"}, {"message": "More"}]}, 1),
        ({"commits": []}, 1),
        ({"repository__url": None}, 0),
        ({"before": "0" * 40}, 1),
    ],
)
def test_which_pushes_build(kit: Kit, changed: dict[str, Any], built: int) -> None:
    assert kit.hook(change(PUSH, **changed)) == 200
    assert count(kit) == built


def test_a_push_without_a_repository_url_is_dropped_before_its_token_is_judged(kit: Kit) -> None:
    assert kit.hook(change(PUSH, repository__url=None), token="wrong") == 200
    assert count(kit) == 0


@pytest.mark.parametrize("changed", [{"user_name": None}, {"project_id": None}, {"repository__git_http_url": None}, {"object_kind": None}])
def test_a_push_that_lacks_something_is_refused(kit: Kit, changed: dict[str, Any]) -> None:
    assert kit.hook(change(PUSH, **changed)) == 400
    assert count(kit) == 0


def test_a_project_is_told_by_the_repository_if_there_is_none(kit: Kit) -> None:
    assert kit.hook(change(PUSH, project=None)) == 200
    assert count(kit) == 1
    assert kit.runner.records[0].environment["gitlabSourceNamespace"] == "acme/"  # the plugin's own slash


def test_tags_keep_their_ref(tmp_path: Path) -> None:
    with with_trigger(tmp_path, includeBranchesSpec="refs/tags/v*") as kit:
        assert kit.hook(change(PUSH, object_kind="tag_push", ref="refs/tags/v1"), "Tag Push Hook") == 200
        assert count(kit) == 1
        environment = kit.runner.records[0].environment
        assert (environment["gitlabActionType"], environment["gitlabBranch"]) == ("TAG_PUSH", "refs/tags/v1")
        assert kit.hook(PUSH) == 200
        assert count(kit) == 1


def test_system_hooks_are_told_apart_by_their_kind(kit: Kit) -> None:
    assert kit.hook(PUSH, "System Hook") == 200
    assert kit.hook(change(PUSH, object_kind="project_create"), "System Hook") == 200
    assert count(kit) == 1


@pytest.mark.parametrize(
    ("trigger", "changed", "built"),
    [
        ({"triggerOnPush": False}, {}, 0),
        ({"triggerToBranchDeleteRequest": True}, {"after": "0" * 40}, 1),
        ({"ciSkip": False}, {"commits": [{"message": "[ci-skip]"}]}, 1),
        ({"branchFilterType": "All"}, {"ref": "refs/heads/any"}, 1),
        ({"branchFilterType": None}, {"ref": "refs/heads/any"}, 1),
        ({"branchFilterType": "RegexBasedFilter", "targetBranchRegex": "release-\\d+"}, {"ref": "refs/heads/release-1"}, 1),
        ({"branchFilterType": "RegexBasedFilter", "targetBranchRegex": "release-\\d+"}, {"ref": "refs/heads/release-1x"}, 0),
        ({"branchFilterType": "RegexBasedFilter", "sourceBranchRegex": "main"}, {"ref": None}, 0),
        ({"includeBranchesSpec": "", "excludeBranchesSpec": "main"}, {}, 0),
    ],
)
def test_the_trigger_decides(tmp_path: Path, trigger: dict[str, Any], changed: dict[str, Any], built: int) -> None:
    with with_trigger(tmp_path, **trigger) as kit:
        assert kit.hook(change(PUSH, **changed)) == 200
        assert count(kit) == built


def test_the_description_is_set_unless_the_trigger_says_no(tmp_path: Path) -> None:
    with with_trigger(tmp_path, setBuildDescription=False) as kit:
        kit.hook(PUSH)
        assert count(kit) == 1
        assert kit.builds()[0]["description"] == ""


def test_without_a_token_the_caller_must_be_allowed_to_build(tmp_path: Path) -> None:
    with with_trigger(tmp_path, secretToken="") as kit:
        assert kit.hook(PUSH) == 403
        assert kit.hook(PUSH, auth=READER) == 403
        assert kit.hook(PUSH, auth=("builder", "wrong")) == 401
        assert count(kit) == 0
        assert kit.hook(PUSH, auth=BUILDER) == 200
        assert kit.hook(PUSH, auth=kit.token(BUILDER)) == 200
        assert count(kit) >= 1


def test_a_job_without_a_trigger_builds_nothing(kit: Kit) -> None:
    assert kit.hook(PUSH, address="/project/acme/update/plain") == 200
    kit.idle()
    assert kit.builds("acme/update/plain") == []


def test_a_parameter_of_the_same_name_wins(tmp_path: Path) -> None:
    shop = job()
    parameter = type(shop.parameters[0])(name="gitlabBranch", default="mine")
    with controller(tmp_path, FakeEngine(items=[*ITEMS[:3], job(parameters=(parameter,))])) as kit:
        kit.hook(PUSH)
        assert count(kit) == 1
        assert kit.runner.records[0].environment["gitlabBranch"] == "mine"


def merge(kit: Kit, **changed: Any) -> int:
    """Send a merge request hook with attributes changed; returns how many builds there are then."""
    assert kit.hook(change(MERGE_REQUEST, **{f"object_attributes__{name}": value for name, value in changed.items()}), MERGE) == 200
    return count(kit)


MERGE = "Merge Request Hook"


def test_merge_requests_build_only_if_the_trigger_says_so(kit: Kit) -> None:
    assert merge(kit) == 0


def test_a_merge_request_builds(tmp_path: Path) -> None:
    with with_trigger(tmp_path, triggerOnMergeRequest=True) as kit:
        assert merge(kit) == 1
        environment = kit.runner.records[0].environment
        expected = {
            **{"gitlabActionType": "MERGE", "gitlabBranch": "feature", "gitlabTargetBranch": "main", "gitlabMergeRequestIid": "3"},
            **{"gitlabMergeRequestLastCommit": "3" * 40, "gitlabMergeRequestState": "opened", "gitlabMergeRequestLabels": "ready"},
        }
        assert {name: environment.get(name) for name in expected} == expected
        assert kit.builds()[0]["description"] == "Triggered by GitLab Merge Request #3: acme/feature => main"


@pytest.mark.parametrize(
    ("trigger", "changed", "built"),
    [
        ({}, {"target_branch": "other"}, 0),
        ({}, {"state": "merged", "action": "merge"}, 0),
        ({"triggerOnAcceptedMergeRequest": True}, {"state": "merged", "action": "merge"}, 1),
        ({}, {"state": "closed", "action": "close"}, 0),
        ({"triggerOnClosedMergeRequest": True}, {"state": "closed", "action": "close"}, 1),
        ({}, {"action": "approved"}, 0),
        ({"triggerOnApprovedMergeRequest": True}, {"action": "approved"}, 1),
        ({}, {"action": "unapproved"}, 0),  # unknown to the plugin, and so refused with `approved`
        ({"triggerOpenMergeRequestOnPush": "never"}, {"action": "update"}, 0),
        ({"triggerOpenMergeRequestOnPush": "source"}, {"action": "update"}, 1),
        ({"skipWorkInProgressMergeRequest": True}, {"work_in_progress": True}, 0),
        ({}, {"description": "[ci-skip]"}, 0),
        ({"triggerOnlyIfNewCommitsPushed": True}, {"action": "update"}, 0),
        ({"triggerOnlyIfNewCommitsPushed": True}, {"action": "update", "oldrev": "4" * 40}, 1),
        ({"mergeRequestLabelFilterConfig": {"include": "ready"}}, {}, 1),
        ({"mergeRequestLabelFilterConfig": {"exclude": "ready"}}, {}, 0),
    ],
)
def test_which_merge_requests_build(tmp_path: Path, trigger: dict[str, Any], changed: dict[str, Any], built: int) -> None:
    with with_trigger(tmp_path, triggerOnMergeRequest=True, **trigger) as kit:
        assert merge(kit, **changed) == built


def test_a_commit_that_was_built_is_not_built_again(tmp_path: Path) -> None:
    with with_trigger(tmp_path, triggerOnMergeRequest=True, triggerOpenMergeRequestOnPush="source") as kit:
        assert merge(kit) == 1
        assert merge(kit, action="update") == 1
        assert merge(kit, action="update", last_commit={"id": "5" * 40, "author": {"name": "Alice"}}) == 2


def test_bodies_that_are_no_hook(kit: Kit) -> None:
    headers = {"X-Gitlab-Event": "Push Hook", "X-Gitlab-Token": TOKEN}
    for body in (b"", b"{", b"[]", b"\xff", b"null", b'"x"', b"[" * 100_000):
        assert kit.http.post(HOOK, content=body, headers=headers).status_code == 400
    assert kit.http.post(HOOK, content=b" " * (5 << 20) + b"{}", headers=headers).status_code == 413
    assert count(kit) == 0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
FIELDS = [(name,) for name in PUSH] + [(name, part) for name in ("repository", "project") for part in PUSH[name]]
ATTRIBUTES = [("object_attributes", name) for name in MERGE_REQUEST["object_attributes"]] + [("labels",), ("user",), ("object_attributes",)]


@st.composite
def hooks(draw: st.DrawFn) -> tuple[str, bytes]:
    """An event, and its hook with any fields replaced by anything."""
    event, payload, fields = draw(st.sampled_from([("Push Hook", PUSH, FIELDS), (MERGE, MERGE_REQUEST, ATTRIBUTES)]))
    new = change(payload)
    for way in draw(st.lists(st.sampled_from(fields), max_size=4)):
        place: Any = new
        for part in way[:-1]:
            place = place[part] if isinstance(place, dict) else None
        if isinstance(place, dict):
            place[way[-1]] = draw(JSON)
    body = draw(st.just(new) | JSON)
    return event, json.dumps(body).encode()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One controller for all examples; its trigger takes everything."""
    trigger = {"triggerOnMergeRequest": True, "branchFilterType": "All", "triggerOpenMergeRequestOnPush": "both"}
    with with_trigger(tmp_path_factory.mktemp("jenkins"), **trigger) as kit:
        yield kit


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hook=hooks(), right=st.booleans())
def test_any_json_is_answered_and_a_wrong_token_never_builds(shared: Kit, hook: tuple[str, bytes], right: bool) -> None:
    before = len(shared.jenkins.store.builds(JOB)) + len(shared.jenkins.store.waiting())
    headers = {"X-Gitlab-Event": hook[0], "X-Gitlab-Token": TOKEN if right else "wrong"}
    answer = shared.http.post(HOOK, content=hook[1], headers=headers)
    assert answer.status_code in (200, 400, 401)
    shared.idle()
    if not right:
        assert len(shared.jenkins.store.builds(JOB)) + len(shared.jenkins.store.waiting()) == before


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("main", "main", True),
        ("main", "Main", False),
        ("ma?n", "main", True),
        ("m*", "main", True),
        ("m*", "main/sub", False),
        ("release/*", "release/1", True),
        ("release/*", "release/1/2", False),
        ("release/**", "release/1/2", True),
        ("release/**", "release", True),
        ("**/fix", "a/b/fix", True),
        ("**", "any/thing", True),
        ("*", "any/thing", False),
        ("release-{n:[0-9]+}", "release-12", True),
        ("release-{n:[0-9]+}", "release-x", False),
        ("{name}", "any", True),
        ("a.c", "abc", False),
        ("/main", "main", False),
        ("", "main", False),
    ],
)
def test_ant_patterns(pattern: str, path: str, fits: bool) -> None:
    assert ant_match(pattern, path) is fits


def test_names_are_separated_by_commas() -> None:
    trigger = {"branchFilterType": "NameBasedFilter", "includeBranchesSpec": "main, release/*", "excludeBranchesSpec": "release/old"}
    allowed = [branch_allowed(trigger, branch, branch) for branch in ("main", "release/1", "release/old", "other")]
    assert allowed == [True, True, False, False]
