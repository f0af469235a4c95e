"""Commits through the API: what they begin at, and that nothing is ever overwritten unseen."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import gitlab
import pytest


def create(path: str, content: str = "x") -> dict[str, str]:
    return {"action": "create", "file_path": path, "content": content}


def commit(project: Any, *actions: Any, branch: str = "main", **more: Any) -> Any:
    return project.commits.create({"branch": branch, "commit_message": "x", "actions": list(actions), **more})


def test_creating_a_file_that_is_there_changes_nothing_at_all(project: Any) -> None:
    before = project.branches.get("main").commit["id"]
    with pytest.raises(gitlab.GitlabCreateError, match=r"^400: A file with this name already exists$"):
        commit(project, create("new"), create("README.md", "mine"))
    assert project.branches.get("main").commit["id"] == before


def test_of_two_who_create_the_same_file_one_wins(server: Any, project: Any) -> None:
    def attempt(number: int) -> str:
        mine = server.client().projects.get(project.id)
        try:
            commit(mine, create("claim", str(number)), create(f"own{number}"))
        except gitlab.GitlabCreateError as error:
            return str(error)
        return str(number)

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(attempt, range(6)))
    winners = [each for each in results if each.isdecimal()]
    assert len(winners) == 1
    assert all("already exists" in each or "Please refresh and try again" in each for each in results if each not in winners)
    assert project.files.raw("claim", ref="main").decode() == winners[0]
    assert {item["name"] for item in project.repository_tree()} == {"README.md", "claim", f"own{winners[0]}"}


def test_each_action_minds_the_last_commit_that_the_caller_knows(project: Any) -> None:
    known = project.files.get("README.md", ref="main").last_commit_id
    commit(project, create("other"))
    commit(project, {"action": "update", "file_path": "README.md", "content": "1", "last_commit_id": known})
    for kind in ("update", "delete", "move", "chmod"):
        stale = {"action": kind, "file_path": "README.md", "content": "2", "last_commit_id": known, "execute_filemode": True}
        moved = {"file_path": "MOVED.md", "previous_path": "README.md"} if kind == "move" else {}
        with pytest.raises(
            gitlab.GitlabCreateError, match="You are attempting to update a file that has changed since you started editing it"
        ):
            commit(project, stale | moved)


def test_a_new_branch_begins_where_it_is_told(root: Any, group: Any, project: Any) -> None:
    first = project.branches.get("main").commit["id"]
    commit(project, create("second"))
    assert commit(project, create("x"), branch="a", start_sha=first).parent_ids == [first]
    with pytest.raises(gitlab.GitlabCreateError, match="A branch called 'a' already exists"):
        commit(project, create("y"), branch="a", start_branch="main")
    forced = commit(project, create("y"), branch="a", start_branch="main", force=True)
    assert forced.parent_ids == [project.branches.get("main").commit["id"]]
    other = root.projects.create({"name": "fork", "namespace_id": group.id})
    brought = commit(other, create("z"), branch="from", start_project=project.path_with_namespace, start_branch="a")
    assert brought.parent_ids == [forced.id]
    assert {item["name"] for item in other.repository_tree(ref="from")} == {"README.md", "second", "y", "z"}


def test_wrong_starts_are_refused(project: Any) -> None:
    for more, message in (
        ({"start_branch": "main", "start_sha": "main"}, "mutually exclusive"),
        ({"start_branch": "none"}, "Invalid reference name: none"),
        ({"start_branch": "main", "start_project": "9999999"}, "404 Project Not Found"),
        ({}, "You can only create or edit files when you are on a branch"),
    ):
        with pytest.raises(gitlab.GitlabCreateError, match=message):
            commit(project, create("x"), branch="new", **more)
    with pytest.raises(gitlab.GitlabCreateError, match="not allowed to force push"):
        commit(project, create("x"), start_sha=project.branches.get("main").commit["id"], force=True)


def test_stats_are_left_out_on_request(project: Any) -> None:
    assert commit(project, create("a", "1\n2\n")).stats == {"additions": 2, "deletions": 0, "total": 2}
    assert "stats" not in commit(project, create("b"), stats=False).attributes
