"""Forks, rebasing, comments on commits."""

from typing import Any
from uuid import uuid4

import gitlab
import pytest

from tests.unit.sandbox.gitlab.test_gitlab_merge_requests import code, put, request


def test_a_merge_request_comes_from_a_fork(root: Any, group: Any, project: Any) -> None:
    made = project.forks.create({"namespace_id": group.id, "path": "copy", "name": "Copy"})
    assert made.forked_from_project["id"] == project.id
    assert [each.id for each in project.forks.list(get_all=True)] == [made.id]
    fork = root.projects.get(made.id)
    head = put(fork, "side", "from-fork.txt", start="main")
    values = {"source_branch": "side", "target_branch": "main", "title": "From afar", "target_project_id": project.id}
    opened = fork.mergerequests.create(values)
    assert (opened.project_id, opened.source_project_id, opened.sha) == (project.id, fork.id, head)
    second = put(fork, "side", "another.txt")
    found = project.mergerequests.get(opened.iid)
    assert (found.sha, found.changes_count, found.detailed_merge_status) == (second, "2", "mergeable")
    assert found.merge()["state"] == "merged"
    assert project.files.raw("another.txt", ref="main") == b"x\n"
    assert fork.mergerequests.list(get_all=True) == []
    with pytest.raises(gitlab.GitlabCreateError) as refused:
        project.forks.create({"namespace_id": group.id, "path": "copy"})
    assert code(refused) == 409


def test_only_a_fork_proposes_to_another_project(root: Any, group: Any, project: Any) -> None:
    other = root.projects.create({"name": f"other-{uuid4().hex[:6]}", "namespace_id": group.id, "initialize_with_readme": True})
    other.branches.create({"branch": "side", "ref": "main"})
    values = {"source_branch": "side", "target_branch": "main", "title": "x", "target_project_id": project.id}
    with pytest.raises(gitlab.GitlabCreateError, match="not a fork") as refused:
        other.mergerequests.create(values)
    assert code(refused) == 422


def test_a_rebase_puts_the_commits_on_top(project: Any) -> None:
    opened = request(project)
    main = put(project, "main", "meanwhile.txt")
    assert opened.rebase() == {"rebase_in_progress": True}
    found = project.mergerequests.get(1, include_rebase_in_progress=True)
    assert (found.rebase_in_progress, found.merge_error) == (False, None)
    assert [each.parent_ids for each in found.commits()] == [[main]]
    assert len(found.diffs.list(get_all=True)) == 2


def test_a_rebase_that_conflicts_changes_nothing(project: Any) -> None:
    opened = request(project)
    put(project, "main", "side.txt", "something else\n")
    opened.rebase()
    found = project.mergerequests.get(1)
    assert found.sha == opened.sha
    assert "resolve all conflicts" in found.merge_error


def test_a_commit_is_commented_on(project: Any) -> None:
    commit = project.commits.get("main")
    commit.comments.create({"note": "Well done", "path": "README.md", "line": 1, "line_type": "new"})
    found = commit.comments.list(get_all=True)
    assert [(each.note, each.path, each.line, each.author["username"]) for each in found] == [("Well done", "README.md", 1, "root")]
