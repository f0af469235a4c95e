"""Deletion that can be undone, and for good."""

import sqlite3
from pathlib import Path
from typing import Any

import gitlab
import pytest


def gone(manager: Any, key: Any) -> bool:
    try:
        manager.get(key)
    except gitlab.GitlabGetError as error:
        return error.response_code == 404
    return False


def test_a_deleted_project_frees_its_path_and_can_be_restored(root: Any, group: Any, project: Any) -> None:
    path = project.path_with_namespace
    project.delete()
    marked = root.projects.get(project.id)
    assert marked.path_with_namespace == f"{path}-deletion_scheduled-{project.id}"
    assert marked.marked_for_deletion_on == marked.marked_for_deletion_at is not None
    assert marked.archived
    assert gone(root.projects, path)
    project.restore()
    again = root.projects.get(path)
    assert (again.id, again.name, again.archived, again.marked_for_deletion_on) == (project.id, "Demo Shop", False, None)
    project.delete()
    root.projects.create({"name": "Demo Shop", "namespace_id": group.id})
    project.restore()
    assert root.projects.get(project.id).path_with_namespace.startswith(f"{path}-")


def test_a_project_is_removed_for_good_only_when_marked_and_named(root: Any, project: Any) -> None:
    with pytest.raises(gitlab.GitlabDeleteError, match="Project must be marked for deletion first"):
        project.delete(permanently_remove=True, full_path=project.path_with_namespace)
    project.delete()
    with pytest.raises(gitlab.GitlabDeleteError, match="You must enter the complete path for the project") as refused:
        project.delete(permanently_remove=True, full_path=project.path_with_namespace)
    assert refused.value.response_code == 400
    project.delete(permanently_remove=True, full_path=root.projects.get(project.id).path_with_namespace)
    assert gone(root.projects, project.id)
    with pytest.raises(gitlab.GitlabHttpError):
        root.http_post(f"/projects/{project.id}/restore")


def test_a_group_takes_all_below_along(root: Any, group: Any, project: Any) -> None:
    below = group.full_path
    group.delete()
    marked = root.groups.get(group.id)
    assert marked.full_path == f"{below}-deletion_scheduled-{group.id}"
    assert marked.marked_for_deletion_on
    assert root.projects.get(project.id).path_with_namespace == f"{marked.full_path}/{project.path}"
    group.restore()
    assert root.projects.get(project.id).path_with_namespace == f"{below}/{project.path}"
    group.delete()
    again = root.groups.create({"name": group.name, "path": group.path, "parent_id": group.parent_id})
    assert again.id != group.id
    group.delete(permanently_remove=True, full_path=root.groups.get(group.id).full_path)
    assert gone(root.groups, group.id)
    assert gone(root.projects, project.id)


def test_an_instance_may_delete_at_once(own_server: Any) -> None:
    own_server.stop()
    own_server.options = ("--deletion-days", "0")
    own_server.start()
    root = own_server.client()
    project = root.projects.create({"name": "short"})
    project.delete()
    assert gone(root.projects, project.id)


def test_what_was_marked_long_ago_goes_at_the_next_start(own_server: Any, tmp_path: Path) -> None:
    root = own_server.client()
    old, new = root.projects.create({"name": "old"}), root.projects.create({"name": "new"})
    old.delete()
    new.delete()
    own_server.stop()
    with sqlite3.connect(tmp_path / "server/data/gitlab.sqlite") as database:
        database.execute("UPDATE deletions SET marked_on = date('now', '-30 days') WHERE source_id = ?", [old.id])
    database.close()
    own_server.start()
    assert gone(root.projects, old.id)
    assert root.projects.get(new.id).marked_for_deletion_on
    assert len(list((tmp_path / "server/data/repositories").iterdir())) == 1
