"""Webhooks: what a receiver gets, and what the log tells."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gitlab
import pytest

Git = Callable[..., subprocess.CompletedProcess[str]]
ZERO = "0" * 40
PUSH_FIELDS = {
    "object_kind", "event_name", "before", "after", "ref", "ref_protected", "checkout_sha", "user_id", "user_name", "user_username",
    "user_email", "user_avatar", "project_id", "project", "repository", "commits", "total_commits_count",
}  # fmt: skip


def put(project: Any, name: str, branch: str = "main") -> str:
    actions = [{"action": "create", "file_path": name, "content": "x"}]
    return str(project.commits.create({"branch": branch, "commit_message": f"add {name}", "actions": actions}).id)


def test_a_commit_by_the_api_is_announced(server: Any, project: Any, receiver: Any) -> None:
    before = project.branches.get("main").commit["id"]
    project.hooks.create({"url": receiver.url, "token": "s3cret", "push_events": True})
    after = put(project, "new.txt")
    headers, body = receiver.next()
    assert headers["x-gitlab-event"] == "Push Hook"
    assert headers["x-gitlab-token"] == "s3cret"
    assert headers["x-gitlab-instance"] == server.url
    assert {"x-gitlab-webhook-uuid", "x-gitlab-event-uuid", "idempotency-key"} <= set(headers)
    assert set(body) == PUSH_FIELDS
    assert (body["ref"], body["before"], body["after"], body["checkout_sha"]) == ("refs/heads/main", before, after, after)
    assert body["project"]["path_with_namespace"] == project.path_with_namespace
    assert body["project"]["web_url"] == f"{server.url}/{project.path_with_namespace}"
    assert body["project"]["git_http_url"] == project.http_url_to_repo
    assert [(commit["id"], commit["added"], commit["modified"]) for commit in body["commits"]] == [(after, ["new.txt"], [])]
    assert (body["total_commits_count"], body["ref_protected"]) == (1, True)


def test_a_push_by_git_is_announced_once_for_each_ref(server: Any, project: Any, receiver: Any, git: Git, tmp_path: Path) -> None:
    project.hooks.create({"url": receiver.url, "tag_push_events": True})
    git("clone", "-q", server.remote(project.path_with_namespace), "clone")
    (tmp_path / "clone/README.md").write_text("changed\n")
    git("commit", "-qam", "change", cwd=tmp_path / "clone")
    git("tag", "v1.0.0", cwd=tmp_path / "clone")
    assert git("push", "-q", "origin", "main", "v1.0.0", cwd=tmp_path / "clone").returncode == 0
    found = {body["ref"]: (headers["x-gitlab-event"], body) for headers, body in (receiver.next(), receiver.next())}
    event, push = found["refs/heads/main"]
    assert (event, [commit["modified"] for commit in push["commits"]]) == ("Push Hook", [["README.md"]])
    event, tag = found["refs/tags/v1.0.0"]
    assert (event, tag["object_kind"], tag["before"], tag["after"]) == ("Tag Push Hook", "tag_push", ZERO, push["after"])
    assert receiver.received.empty()


def test_a_deleted_branch_is_announced_without_a_checkout(project: Any, receiver: Any) -> None:
    project.branches.create({"branch": "old", "ref": "main"})
    project.hooks.create({"url": receiver.url})
    project.branches.delete("old")
    _, body = receiver.next()
    assert (body["ref"], body["after"], body["checkout_sha"], body["commits"]) == ("refs/heads/old", ZERO, None, [])


def test_a_hook_hears_only_what_it_asked_for(project: Any, receiver: Any) -> None:
    project.hooks.create({"url": receiver.url + "/main", "push_events_branch_filter": "main"})
    project.hooks.create({"url": receiver.url + "/none", "push_events": False})
    project.branches.create({"branch": "side", "ref": "main"})
    put(project, "on-side", "side")
    put(project, "on-main")
    _, body = receiver.next()
    assert body["ref"] == "refs/heads/main"
    assert receiver.received.empty()


def test_a_failed_delivery_is_tried_again_and_logged(project: Any, receiver: Any, wait: Callable[..., None]) -> None:
    receiver.answers.append(503)
    hook = project.hooks.create({"url": receiver.url, "token": "s3cret"})
    put(project, "x")
    first, _ = receiver.next()
    second, _ = receiver.next()
    assert first["idempotency-key"] == second["idempotency-key"]
    events: list[dict[str, Any]] = []

    def logged() -> bool:
        events[:] = hook.manager.gitlab.http_list(f"/projects/{project.id}/hooks/{hook.id}/events", get_all=True)
        return [event["response_status"] for event in events] == ["200"]

    wait(logged, "the log shows the delivery")
    assert events[0]["trigger"] == "push_hooks"
    assert events[0]["request_data"]["object_kind"] == "push"
    assert "s3cret" not in str(events)


def test_a_hook_can_be_tried_out(project: Any, receiver: Any) -> None:
    hook = project.hooks.create({"url": receiver.url})
    hook.test("push_events")
    assert receiver.next()[1]["object_kind"] == "push"
    receiver.answers.append(403)
    with pytest.raises(gitlab.GitlabHookTestError) as refused:
        hook.test("push_events")
    assert refused.value.response_code == 422


def test_a_hook_is_changed_and_deleted(project: Any) -> None:
    hook = project.hooks.create({"url": "http://one.example.com", "enable_ssl_verification": False})
    hook.url = "http://two.example.com"
    hook.save()
    assert (project.hooks.get(hook.id).url, project.hooks.get(hook.id).enable_ssl_verification) == ("http://two.example.com", False)
    hook.delete()
    assert project.hooks.list(get_all=True) == []
    with pytest.raises(gitlab.GitlabCreateError, match="Invalid url given"):
        project.hooks.create({"url": "no-address"})
