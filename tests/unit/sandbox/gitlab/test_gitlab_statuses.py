"""Commit statuses, environments and deployments."""

from typing import Any

import gitlab
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.services.gitlab.environments import NAME, SLUG_LENGTH, slug_of


def test_a_status_moves_on_until_it_has_finished(project: Any) -> None:
    commit = project.commits.get("main")
    pending = commit.statuses.create({"state": "pending", "name": "build", "target_url": "https://ci.example.com/1"})
    assert (pending.ref, pending.sha, pending.started_at) == ("main", commit.id, None)
    assert project.commits.get("main").status == "pending"
    running = commit.statuses.create({"state": "running", "name": "build"})
    assert (running.id, running.target_url, running.finished_at) == (pending.id, "https://ci.example.com/1", None)
    assert running.started_at
    with pytest.raises(gitlab.GitlabCreateError, match="Cannot transition status via :run from :running") as refused:
        commit.statuses.create({"state": "running", "name": "build"})
    assert refused.value.response_code == 400
    done = commit.statuses.create({"state": "failed", "name": "build", "description": "no", "coverage": 41.5})
    assert (done.id, done.coverage, done.allow_failure) == (pending.id, 41.5, False)
    assert project.commits.get("main").status == "failed"
    again = commit.statuses.create({"state": "success", "name": "build"})
    assert again.id != pending.id
    detail = project.commits.get("main")
    assert (detail.status, detail.last_pipeline["id"]) == ("success", again.pipeline_id)


def test_statuses_are_listed_by_name_and_ref(project: Any) -> None:
    project.branches.create({"branch": "side", "ref": "main"})
    commit = project.commits.get("main")
    for name, state, ref in (("a", "failed", "main"), ("a", "success", "main"), ("b", "running", "main"), ("a", "canceled", "side")):
        commit.statuses.create({"state": state, "context": name, "ref": ref})
    listed = [(each.name, each.status, each.ref) for each in commit.statuses.list(get_all=True)]
    assert listed == [("a", "success", "main"), ("b", "running", "main"), ("a", "canceled", "side")]
    assert [each.status for each in commit.statuses.list(get_all=True, all=True, name="a", ref="main")] == ["failed", "success"]
    assert [each.name for each in commit.statuses.list(get_all=True, ref="side")] == ["a"]
    assert [each.name for each in commit.statuses.list(get_all=True, ref="main", sort="desc")] == ["b", "a"]


def test_a_status_takes_a_developer_and_a_known_commit_and_state(server: Any, project: Any) -> None:
    codes = []
    for level, sha, data in ((20, "main", {"state": "success"}), (30, "0" * 40, {"state": "success"}), (30, "main", {"state": "good"})):
        token = project.access_tokens.create({"name": "ci", "scopes": ["api"], "access_level": level})
        with pytest.raises(gitlab.GitlabHttpError) as refused:
            server.client(token.token).http_post(f"/projects/{project.id}/statuses/{sha}", post_data=data)
        codes.append(refused.value.response_code)
    assert codes == [403, 404, 400]


def test_an_environment_is_stopped_before_it_is_deleted(server: Any, project: Any) -> None:
    made = project.environments.create({"name": "review/42", "external_url": "http://42.example.com"})
    assert (made.state, made.tier, made.external_url) == ("available", "development", "http://42.example.com")
    with pytest.raises(gitlab.GitlabCreateError, match="has already been taken"):
        project.environments.create({"name": "review/42"})
    project.environments.create({"name": "production"})
    assert [each.name for each in project.environments.list(get_all=True, search="review")] == ["review/42"]
    assert [each.slug for each in project.environments.list(get_all=True, name="production")] == ["production"]
    project.environments.update(made.id, {"external_url": "http://new.example.com"})
    with pytest.raises(gitlab.GitlabDeleteError) as refused:
        made.delete()
    assert refused.value.response_code == 403
    made.stop()
    stopped = project.environments.list(get_all=True, states="stopped")
    assert [(each.name, each.external_url) for each in stopped] == [("review/42", "http://new.example.com")]
    made.delete()
    assert [each.name for each in project.environments.list(get_all=True)] == ["production"]
    reader = project.access_tokens.create({"name": "reader", "scopes": ["api"], "access_level": 20})
    with pytest.raises(gitlab.GitlabCreateError):
        server.client(reader.token).projects.get(project.id).environments.create({"name": "x"})


def test_a_deployment_is_the_last_one_of_its_environment_once_it_succeeds(project: Any) -> None:
    sha = project.commits.get("main").id
    values = {"environment": "production", "sha": sha, "ref": "main", "tag": False, "status": "running"}
    made = project.deployments.create(values)
    assert (made.iid, made.environment["name"], made.user["username"]) == (1, "production", "root")
    environment = project.environments.get(made.environment["id"])
    assert environment.last_deployment is None
    project.deployments.update(made.id, {"status": "success"})
    last = project.environments.get(environment.id).last_deployment
    assert (last["id"], last["sha"], last["status"]) == (made.id, sha, "success")
    with pytest.raises(gitlab.GitlabUpdateError):
        project.deployments.update(made.id, {"status": "failed"})
    project.deployments.create(values | {"status": "failed", "environment": "staging"})
    assert [each.id for each in project.deployments.list(get_all=True, environment="production")] == [made.id]
    assert [each.environment["name"] for each in project.deployments.list(get_all=True, status="failed")] == ["staging"]
    with pytest.raises(gitlab.GitlabCreateError, match="The commit does not exist"):
        project.deployments.create(values | {"sha": "0" * 40})


def test_an_environments_address_is_no_script(project: Any) -> None:
    with pytest.raises(gitlab.GitlabCreateError, match="external_url"):
        project.environments.create({"name": "x", "external_url": "javascript:alert(1)"})


@given(st.from_regex(NAME, fullmatch=True))
def test_a_slug_is_fit_for_a_host_name(name: str) -> None:
    slug = slug_of(name)
    assert len(slug) <= SLUG_LENGTH
    assert slug[0].isalpha()
    assert slug[-1] != "-"
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
