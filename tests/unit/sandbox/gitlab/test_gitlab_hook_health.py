"""Hooks that fail are switched off and on again; hooks of groups; headers and variables of a hook's own."""

import sqlite3
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import gitlab
import pytest

from sandbox.services.gitlab import schema, schema_hooks
from sandbox.services.gitlab.store import Database


def fail(hook: Any, receiver: Any, status: int, times: int = 4) -> None:
    for _ in range(times):
        receiver.answers.append(status)
        with pytest.raises(gitlab.GitlabHookTestError):
            hook.test("push_events")
        receiver.next()


def put(project: Any, name: str) -> None:
    project.commits.create({"branch": "main", "commit_message": name, "actions": [{"action": "create", "file_path": name, "content": "x"}]})


def test_a_receiver_that_refuses_switches_the_hook_off_for_good(project: Any, receiver: Any) -> None:
    hook = project.hooks.create({"url": receiver.url})
    fail(hook, receiver, 404, times=3)
    assert project.hooks.get(hook.id).alert_status == "executable"
    fail(hook, receiver, 404, times=1)
    off = project.hooks.get(hook.id)
    assert (off.alert_status, off.disabled_until) == ("disabled", None)
    put(project, "unheard")
    hook.test("push_events")
    assert receiver.next()[1]["commits"][0]["title"] == "unheard", "the try-out, and nothing before it"
    assert project.hooks.get(hook.id).alert_status == "executable"
    put(project, "heard")
    assert receiver.next()[1]["commits"][0]["title"] == "heard"


def test_a_receiver_with_a_fault_switches_the_hook_off_for_a_growing_while(project: Any, receiver: Any) -> None:
    hook = project.hooks.create({"url": receiver.url})

    def pause() -> float:
        found = project.hooks.get(hook.id)
        assert found.alert_status == "temporarily_disabled"
        return datetime.fromisoformat(found.disabled_until).timestamp() - time.time()

    fail(hook, receiver, 503)
    assert 30 < pause() <= 60
    fail(hook, receiver, 500, times=1)
    assert 90 < pause() <= 120
    fail(hook, receiver, 500, times=12)
    assert 86_000 < pause() <= 86_400


def test_one_success_begins_the_count_anew(project: Any, receiver: Any) -> None:
    hook = project.hooks.create({"url": receiver.url})
    fail(hook, receiver, 404, times=3)
    hook.test("push_events")
    receiver.next()
    fail(hook, receiver, 404, times=3)
    assert project.hooks.get(hook.id).alert_status == "executable"


def test_a_group_hook_hears_of_every_project_below(root: Any, group: Any, project: Any, receiver: Any) -> None:
    inner = root.groups.create({"name": "inner", "path": "inner", "parent_id": group.id})
    deep = root.projects.create({"name": "deep", "namespace_id": inner.id, "initialize_with_readme": True})
    hook = group.hooks.create({"url": receiver.url, "token": "s3cret", "subgroup_events": True})
    assert (hook.group_id, hook.subgroup_events, hook.push_events) == (group.id, True, True)
    for each in (project, deep):
        put(each, "x")
        headers, body = receiver.next()
        assert (body["project_id"], headers["x-gitlab-token"]) == (each.id, "s3cret")
    hook.test("push_events")
    assert receiver.next()[1]["project_id"] == project.id
    hook.push_events = False
    hook.save()
    assert group.hooks.get(hook.id).push_events is False
    hook.delete()
    assert group.hooks.list(get_all=True) == []


def test_headers_and_variables_of_a_hook_are_sent_and_never_shown(project: Any, receiver: Any, wait: Callable[..., None]) -> None:
    hook = project.hooks.create(
        {
            "url": receiver.url + "?key={key}",
            "custom_headers": [{"key": "X-Own", "value": "s3cret"}],
            "url_variables": [{"key": "key", "value": "s3cret"}],
        }
    )
    path = f"/projects/{project.id}/hooks/{hook.id}"
    hook.manager.gitlab.http_put(f"{path}/custom_headers/X-More", post_data={"value": "s3cret"})
    put(project, "x")
    headers, _ = receiver.next()
    assert (headers["x-own"], headers["x-more"]) == ("s3cret", "s3cret")
    wait(lambda: hook.manager.gitlab.http_list(f"{path}/events", get_all=True) != [], "the log shows the delivery")
    shown = project.hooks.get(hook.id)
    assert (shown.custom_headers, shown.url_variables) == ([{"key": "X-Own"}, {"key": "X-More"}], [{"key": "key"}])
    events = hook.manager.gitlab.http_list(f"{path}/events", get_all=True, query_data={"status": "successful"})
    assert "s3cret" not in str(events) + str(shown.attributes)
    hook.manager.gitlab.http_delete(f"{path}/custom_headers/X-More")
    assert project.hooks.get(hook.id).custom_headers == [{"key": "X-Own"}]


def test_a_delivery_is_sent_again_on_request(project: Any, receiver: Any, wait: Callable[..., None]) -> None:
    hook = project.hooks.create({"url": receiver.url})
    put(project, "x")
    _, first = receiver.next()
    path, client = f"/projects/{project.id}/hooks/{hook.id}/events", hook.manager.gitlab
    wait(lambda: client.http_list(path, get_all=True) != [], "the log shows the delivery")
    answer = client.http_post(f"{path}/{client.http_list(path, get_all=True)[0]['id']}/resend")
    assert answer["response_status"] == 200
    assert receiver.next()[1] == first
    assert len(client.http_list(path, get_all=True)) == 2


def test_hooks_of_earlier_data_are_kept(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "data.sqlite")
    columns = (
        schema_hooks.COLUMNS.split("group_id")[0].strip().removesuffix(",").replace("project_id INTEGER", "project_id INTEGER NOT NULL")
    )
    old.executescript(schema.SCHEMA + f"CREATE TABLE hooks ({columns});" + schema_hooks.SCHEMA)
    old.execute("INSERT INTO hooks (project_id, uuid, url, attributes, created_at) VALUES (7, 'u', 'http://x', '{}', '')")
    old.execute("INSERT INTO deliveries (hook_id, event, headers, payload, created_at) VALUES (1, 'push', '{}', '{}', '')")
    old.commit()
    old.close()
    database = Database(tmp_path / "data.sqlite")
    assert [(row["id"], row["project_id"], row["group_id"], row["failures"]) for row in database.all("SELECT * FROM hooks")] == [
        (1, 7, None, 0)
    ]
    assert [row["hook_id"] for row in database.all("SELECT * FROM deliveries")] == [1]
    database.close()
