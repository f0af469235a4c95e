"""The pages for a person: merge requests, statuses and environments, with nothing that came from outside at work in them."""

from typing import Any

import httpx

from tests.unit.sandbox.gitlab.test_gitlab_merge_requests import put, request

HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"


def page(server: Any, path: str, secret: str) -> httpx.Response:
    return httpx.get(f"{server.url}/{path}", auth=("any", secret))


def test_the_pages_show_what_happened_and_keep_hostile_text_quiet(server: Any, root: Any, project: Any) -> None:
    project.hooks.create({"url": "http://127.0.0.1:1/hook", "push_events": False, "merge_requests_events": True})
    put(project, "side", "page.html", HOSTILE, start="main")
    values = {"source_branch": "side", "target_branch": "main", "title": HOSTILE, "description": HOSTILE}
    opened = project.mergerequests.create(values)
    opened.notes.create({"body": f"A note {HOSTILE}"})
    status = {"state": "failed", "name": HOSTILE, "description": HOSTILE, "target_url": f"http://ci.example.com/{HOSTILE}"}
    project.commits.get(opened.sha).statuses.create(status)
    project.commits.get("main").statuses.create({"state": "success"})
    project.environments.create({"name": "production", "external_url": f"https://shop.example.com/{HOSTILE}"})
    path = project.path_with_namespace
    whole = page(server, path, root.private_token)
    assert "/-/merge_requests/1" in whole.text
    assert "merge_request !1 to http://127.0.0.1:1/hook" in whole.text
    assert "production: available" in whole.text
    assert "<b>success</b>" in whole.text
    one = page(server, f"{path}/-/merge_requests/1", root.private_token)
    assert "opened (mergeable)" in one.text
    assert "A note &lt;script&gt;" in one.text
    assert "<b>failed</b>" in one.text
    assert "<h3>page.html</h3>" in one.text
    commit = page(server, f"{path}/-/commit/{opened.sha}", root.private_token)
    assert "<b>failed</b>" in commit.text
    for shown in (whole, one, commit):
        assert shown.status_code == 200
        assert "<script" not in shown.text
        assert "<img" not in shown.text
        assert shown.headers["content-security-policy"] == "default-src 'none'"


def test_a_page_shows_internal_notes_and_private_projects_to_nobody_else(server: Any, root: Any, public_project: Any, project: Any) -> None:
    opened = request(public_project)
    opened.notes.create({"body": "between us", "internal": True})
    path = f"{public_project.path_with_namespace}/-/merge_requests/1"
    assert "between us" in page(server, path, root.private_token).text
    assert "between us" not in httpx.get(f"{server.url}/{path}").text
    request(project, title="Private matter")
    assert "Private matter" not in httpx.get(f"{server.url}/{project.path_with_namespace}/-/merge_requests/1").text
    assert page(server, f"{path}9", root.private_token).status_code == 404
