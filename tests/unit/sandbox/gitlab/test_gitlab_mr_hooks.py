"""Webhooks of merge requests and notes, against the samples of GitLab's documentation."""

from typing import Any

import pytest

from tests.unit.sandbox.gitlab.test_gitlab_merge_requests import put, request

ATTRIBUTES = {
    "id", "iid", "target_branch", "source_branch", "source_project_id", "author_id", "assignee_ids", "assignee_id", "reviewer_ids",
    "title", "created_at", "updated_at", "last_edited_at", "last_edited_by_id", "milestone_id", "state_id", "state",
    "blocking_discussions_resolved", "work_in_progress", "draft", "first_contribution", "merge_status", "target_project_id", "description",
    "prepared_at", "total_time_spent", "time_change", "human_total_time_spent", "human_time_change", "human_time_estimate", "url",
    "source", "target", "last_commit", "labels", "action", "detailed_merge_status",
}  # fmt: skip


@pytest.fixture
def hooked(project: Any, receiver: Any) -> Any:
    project.hooks.create({"url": receiver.url, "push_events": False, "merge_requests_events": True, "note_events": True})
    return project


def test_every_step_of_a_merge_request_is_announced(hooked: Any, receiver: Any) -> None:
    opened = request(hooked, labels="release")
    headers, body = receiver.next()
    assert headers["x-gitlab-event"] == "Merge Request Hook"
    assert set(body) == {"object_kind", "event_type", "user", "project", "repository", "object_attributes", "labels", "changes",
                         "assignees", "reviewers"}  # fmt: skip
    shown = body["object_attributes"]
    assert set(shown) == ATTRIBUTES
    assert (shown["action"], shown["iid"], shown["state"], shown["last_commit"]["id"]) == ("open", 1, "opened", opened.sha)
    assert (shown["target"]["path_with_namespace"], body["labels"][0]["title"]) == (hooked.path_with_namespace, "release")

    head = put(hooked, "side", "more.txt")
    _, body = receiver.next()
    shown = body["object_attributes"]
    assert (shown["action"], shown["oldrev"], shown["last_commit"]["id"]) == ("update", opened.sha, head)

    opened.title = "Draft: Add a file"
    opened.save()
    _, body = receiver.next()
    assert (body["object_attributes"]["action"], body["changes"]["draft"]) == ("update", {"previous": False, "current": True})
    assert "oldrev" not in body["object_attributes"]

    hooked.mergerequests.update(1, {"state_event": "close", "title": "Add a file"})
    assert {receiver.next()[1]["object_attributes"]["action"] for _ in range(2)} == {"update", "close"}  # sent side by side
    hooked.mergerequests.update(1, {"state_event": "reopen"})
    assert receiver.next()[1]["object_attributes"]["action"] == "reopen"

    merged = hooked.mergerequests.get(1).merge()
    _, body = receiver.next()
    shown = body["object_attributes"]
    assert (shown["action"], shown["state"], shown["merge_commit_sha"]) == ("merge", "merged", merged["merge_commit_sha"])
    assert receiver.received.empty()


def test_a_note_is_announced_and_an_internal_one_is_not(hooked: Any, receiver: Any) -> None:
    opened = request(hooked)
    receiver.next()
    opened.notes.create({"body": "secret", "internal": True})
    note = opened.notes.create({"body": "seen"})
    headers, body = receiver.next()
    assert (headers["x-gitlab-event"], body["object_kind"], body["merge_request"]["iid"]) == ("Note Hook", "note", 1)
    shown = body["object_attributes"]
    assert (shown["id"], shown["note"], shown["action"], shown["noteable_type"]) == (note.id, "seen", "create", "MergeRequest")
    note.body = "changed"
    note.save()
    assert receiver.next()[1]["object_attributes"]["action"] == "update"
