"""Merge requests: their life through the API and through Git."""

import signal
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gitlab
import pytest

Git = Callable[..., subprocess.CompletedProcess[str]]


def put(project: Any, branch: str, name: str, content: str = "x\n", start: str | None = None, action: str = "create") -> str:
    data = {"branch": branch, "commit_message": f"add {name}", "actions": [{"action": action, "file_path": name, "content": content}]}
    return str(project.commits.create(data | ({"start_branch": start} if start else {})).id)


def request(project: Any, branch: str = "side", title: str = "Add a file", **more: Any) -> Any:
    put(project, branch, f"{branch}.txt", start="main")
    return project.mergerequests.create({"source_branch": branch, "target_branch": "main", "title": title, **more})


def code(error: Any) -> int:
    return int(error.value.response_code)


def test_what_is_merged_is_on_the_target_branch(project: Any) -> None:
    opened = request(project, description="Why", labels="a,b", remove_source_branch=True)
    assert (opened.iid, opened.state, opened.detailed_merge_status, opened.has_conflicts) == (1, "opened", "mergeable", False)
    assert (opened.labels, opened.references["full"]) == (["a", "b"], f"{project.path_with_namespace}!1")
    main = project.branches.get("main").commit["id"]
    assert opened.diff_refs == {"base_sha": main, "start_sha": main, "head_sha": opened.sha}
    assert [each.title for each in opened.commits()] == ["add side.txt"]
    assert [each["new_path"] for each in opened.changes()["changes"]] == ["side.txt"]
    merged = opened.merge()
    assert (merged["state"], merged["detailed_merge_status"]) == ("merged", "not_open")
    assert merged["merge_user"]["username"] == "root"
    tip = project.commits.get("main")
    assert (tip.id, tip.parent_ids) == (merged["merge_commit_sha"], [main, opened.sha])
    assert tip.title == "Merge branch 'side' into 'main'"
    assert [branch.name for branch in project.branches.list(get_all=True)] == ["main"]
    assert [note.body for note in opened.notes.list(get_all=True)] == ["merged"]


def test_a_squash_brings_one_commit(project: Any) -> None:
    opened = request(project, squash=True)
    put(project, "side", "second.txt")
    merged = opened.merge(squash_commit_message="Both files")
    squashed = project.commits.get(merged["squash_commit_sha"])
    assert squashed.title == "Both files"
    assert len(project.commits.list(get_all=True)) == 3  # the first one, the squashed one, the merge
    assert {each["path"] for each in project.repository_tree(get_all=True)} >= {"side.txt", "second.txt"}


def test_a_second_open_one_between_the_same_branches_is_refused(project: Any) -> None:
    opened = request(project)
    with pytest.raises(gitlab.GitlabCreateError, match="Another open merge request already exists for this source branch: !1") as refused:
        project.mergerequests.create({"source_branch": "side", "target_branch": "main", "title": "Again"})
    assert code(refused) == 409
    opened.state_event = "close"
    opened.save()
    assert (opened.state, opened.closed_by["username"]) == ("closed", "root")
    again = project.mergerequests.create({"source_branch": "side", "target_branch": "main", "title": "Again"})
    with pytest.raises(gitlab.GitlabUpdateError) as reopened:
        project.mergerequests.update(opened.iid, {"state_event": "reopen"})
    assert code(reopened) == 409
    again.delete()
    assert project.mergerequests.update(opened.iid, {"state_event": "reopen"})["state"] == "opened"
    assert [note.body for note in opened.notes.list(get_all=True, sort="asc")] == ["closed", "reopened"]
    assert request(project, "other").iid == 3  # 2 was given out once


def test_a_conflict_and_a_draft_and_another_head_keep_it_from_being_merged(project: Any) -> None:
    opened = request(project)
    with pytest.raises(gitlab.GitlabMRClosedError, match="SHA does not match HEAD of source branch") as refused:
        opened.merge(sha="0" * 40)
    assert code(refused) == 409
    with pytest.raises(gitlab.GitlabUpdateError, match="can't be blank"):
        project.mergerequests.update(1, {"title": " "})
    opened.title = "Draft: Add a file"
    opened.save()
    assert (opened.draft, opened.detailed_merge_status) == (True, "draft_status")
    with pytest.raises(gitlab.GitlabMRClosedError) as refused:
        opened.merge()
    assert code(refused) == 405
    opened.title = "Add a file"
    opened.save()
    put(project, "main", "side.txt", "something else\n")
    found = project.mergerequests.get(1)
    assert (found.has_conflicts, found.detailed_merge_status, found.merge_status) == (True, "conflict", "cannot_be_merged")
    with pytest.raises(gitlab.GitlabMRClosedError) as refused:
        opened.merge()
    assert code(refused) == 405
    assert found.state == "opened"


def test_a_developer_proposes_and_a_maintainer_merges(server: Any, project: Any) -> None:
    token = project.access_tokens.create({"name": "dev", "scopes": ["api"], "access_level": 30})
    theirs = server.client(token.token).projects.get(project.id)
    opened = request(theirs)
    assert opened.user["can_merge"] is False
    with pytest.raises(gitlab.GitlabAuthenticationError):
        opened.merge()
    assert project.mergerequests.get(1).merge()["state"] == "merged"
    reader = project.access_tokens.create({"name": "reader", "scopes": ["api"], "access_level": 20})
    with pytest.raises(gitlab.GitlabCreateError) as refused:
        server.client(reader.token).projects.get(project.id).mergerequests.create(
            {"source_branch": "side", "target_branch": "main", "title": "x"}
        )
    assert code(refused) == 403


def test_pushes_make_versions_that_git_can_fetch(server: Any, project: Any, git: Git, tmp_path: Path) -> None:
    opened = request(project)
    first = opened.sha
    git("clone", "-q", "-b", "side", server.remote(project.path_with_namespace), "clone")
    (tmp_path / "clone/more.txt").write_text("more\n")
    git("add", ".", cwd=tmp_path / "clone")
    git("commit", "-qm", "more <b>", cwd=tmp_path / "clone")
    assert git("push", "-q", "origin", "side", cwd=tmp_path / "clone").returncode == 0
    head = git("rev-parse", "HEAD", cwd=tmp_path / "clone").stdout.strip()
    versions = opened.diffs.list(get_all=True)
    assert [each.head_commit_sha for each in versions] == [head, first]
    assert [each["new_path"] for each in opened.diffs.get(versions[0].id).diffs] == ["more.txt", "side.txt"]
    assert opened.notes.list(get_all=True)[0].body.startswith("added 1 commit\n\n<ul><li>" + head[:8])
    assert f"{head}\trefs/merge-requests/1/head" in git("ls-remote", "origin", cwd=tmp_path / "clone").stdout
    assert git("push", "origin", "HEAD:refs/merge-requests/1/head", "-f", cwd=tmp_path / "clone").returncode != 0


def test_a_merge_that_is_pushed_ends_it_and_a_deleted_branch_closes_it(server: Any, project: Any, git: Git, tmp_path: Path) -> None:
    pushed, dropped = request(project, "side"), request(project, "old")
    git("clone", "-q", server.remote(project.path_with_namespace), "clone")
    git("merge", "-q", "--no-ff", "-m", "by hand", "origin/side", cwd=tmp_path / "clone")
    assert git("push", "-q", "origin", "main", ":old", cwd=tmp_path / "clone").returncode == 0
    head = git("rev-parse", "HEAD", cwd=tmp_path / "clone").stdout.strip()
    found = project.mergerequests.get(pushed.iid)
    assert (found.state, found.merge_commit_sha) == ("merged", head)
    assert found.merged_at
    assert project.mergerequests.get(dropped.iid).state == "closed"


def test_two_merges_at_once_make_one(server: Any, project: Any) -> None:
    request(project, squash=True)
    before = len(project.commits.list(get_all=True))

    def merge(_: int) -> int:
        try:
            server.client().projects.get(project.id).mergerequests.get(1).merge()
        except gitlab.GitlabMRClosedError as error:
            return int(error.response_code or 0)
        return 200

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(merge, range(4))) == [200, 405, 405, 405]
    assert project.mergerequests.get(1).state == "merged"
    assert len(project.commits.list(get_all=True)) == before + 2


def test_a_merge_that_a_kill_interrupted_is_one_at_the_next_start(own_server: Any, git: Git, tmp_path: Path) -> None:
    root = own_server.client()
    project = root.projects.create({"name": "demo", "namespace_id": root.groups.get("platform").id, "initialize_with_readme": True})
    opened = request(project)
    main = project.branches.get("main").commit["id"]
    own_server.stop(signal.SIGKILL)
    # As if the kill had come between git's moving the ref and the stand-in's looking at it.
    repository = next(own_server.directory.glob("data/repositories/*"))
    assert git("update-ref", "refs/heads/main", opened.sha, main, cwd=repository).returncode == 0
    note = own_server.directory / "data" / "spool" / f"{project.id}-1-abc"
    note.write_text(f"{main} {opened.sha} refs/heads/main\n")
    own_server.start()
    assert own_server.client().projects.get(project.id).mergerequests.get(1).state == "merged"


def test_lists_are_narrowed(root: Any, group: Any, project: Any) -> None:
    one, two = request(project, "one", "First thing", labels=["x", "y"]), request(project, "two", "Draft: Second", description="needle")
    two.state_event = "close"
    two.save()
    wanted: list[tuple[dict[str, Any], list[int]]] = [
        ({}, [2, 1]), ({"state": "opened"}, [1]), ({"source_branch": "two"}, [2]), ({"iids": [1]}, [1]), ({"search": "NEEDLE"}, [2]),
        ({"labels": "x,y"}, [1]), ({"labels": "x,z"}, []), ({"author_username": "nobody"}, []), ({"wip": "yes"}, [2]),
        ({"target_branch": "main", "sort": "asc"}, [1, 2]),
    ]  # fmt: skip
    for filters, iids in wanted:
        assert [each.iid for each in project.mergerequests.list(get_all=True, **filters)] == iids, filters
    assert [each.iid for each in group.mergerequests.list(get_all=True, state="closed")] == [2]
    assert one.id in [each.id for each in root.mergerequests.list(get_all=True, scope="all")]
    assert [each["iid"] for each in project.commits.get(one.sha).merge_requests()] == [1]


def test_notes_are_changed_by_their_author_or_a_maintainer(server: Any, project: Any) -> None:
    opened = request(project)
    note = opened.notes.create({"body": "Preview: http://1.example.com"})
    note.body = "Preview: http://2.example.com"
    note.save()
    assert opened.notes.get(note.id).body == "Preview: http://2.example.com"
    opened.state_event = "close"
    opened.save()
    assert [each.system for each in opened.notes.list(get_all=True)] == [True, False]
    assert [each.id for each in opened.notes.list(get_all=True, activity_filter="only_comments")] == [note.id]
    token = project.access_tokens.create({"name": "dev", "scopes": ["api"], "access_level": 30})
    theirs = server.client(token.token).projects.get(project.id).mergerequests.get(1)
    own = theirs.notes.create({"body": "hello"})
    with pytest.raises(gitlab.GitlabDeleteError) as refused:
        theirs.notes.delete(note.id)
    assert code(refused) == 403
    assert [each["username"] for each in project.mergerequests.get(1).participants()] == ["root", own.author["username"]]
    opened.notes.delete(own.id)
    assert project.mergerequests.get(1).user_notes_count == 1
    with pytest.raises(gitlab.GitlabCreateError):
        opened.notes.create({"body": " "})
