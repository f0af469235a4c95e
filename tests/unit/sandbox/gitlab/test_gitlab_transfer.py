"""Projects and groups that move, and what their former paths lead to."""

import subprocess
from collections.abc import Callable
from typing import Any

import gitlab
import httpx
import pytest

Git = Callable[..., subprocess.CompletedProcess[str]]


def test_a_transferred_project_is_found_at_its_former_path(server: Any, root: Any, group: Any, project: Any, git: Git) -> None:
    former = project.path_with_namespace
    target = root.groups.create({"name": "target", "path": "target", "parent_id": group.id})
    project.transfer(target.id)
    moved = root.projects.get(project.id)
    assert (moved.path_with_namespace, moved.namespace["id"]) == (f"{target.full_path}/{project.path}", target.id)
    encoded, headers = former.replace("/", "%2F"), {"PRIVATE-TOKEN": root.private_token}
    answer = httpx.get(f"{server.url}/api/v4/projects/{encoded}/repository/tree?ref=main", headers=headers)
    assert answer.status_code == 301
    assert answer.headers["location"] == f"{server.url}/api/v4/projects/{project.id}/repository/tree?ref=main"
    assert httpx.delete(f"{server.url}/api/v4/projects/{encoded}", headers=headers).status_code == 405
    assert httpx.get(f"{server.url}/api/v4/projects/{encoded}").status_code == 404, "strangers hear nothing of it"
    assert "refs/heads/main" in git("ls-remote", server.remote(former)).stdout
    again = root.projects.create({"name": "Demo Shop", "namespace_id": group.id})
    assert root.projects.get(former).id == again.id


def test_a_transfer_needs_a_free_place(root: Any, group: Any, project: Any, public_project: Any) -> None:
    target = root.groups.create({"name": "target", "path": "target", "parent_id": group.id})
    root.projects.create({"name": "Demo Shop", "namespace_id": target.id})
    for where, message in (
        (target.id, "same name or path in target"),
        (group.id, "already in this namespace"),
        ("none", "Namespace Not Found"),
    ):
        with pytest.raises(gitlab.GitlabHttpError, match=message):
            project.manager.gitlab.http_put(f"/projects/{project.id}/transfer", post_data={"namespace": where})
    with pytest.raises(gitlab.GitlabHttpError, match="public is not allowed in a private group"):
        root.http_put(f"/projects/{public_project.id}/transfer", post_data={"namespace": target.id})


def test_a_renamed_project_keeps_its_former_path(server: Any, root: Any, group: Any, project: Any, git: Git) -> None:
    former = project.path_with_namespace
    root.projects.create({"name": "other", "namespace_id": group.id})
    project.path = "other"
    with pytest.raises(gitlab.GitlabUpdateError, match="has already been taken"):
        project.save()
    project.path, project.name = "shop", "Shop"
    project.save()
    assert root.projects.get(f"{group.full_path}/shop").name == "Shop"
    assert "refs/heads/main" in git("ls-remote", server.remote(former)).stdout


def test_a_group_moves_with_all_below(root: Any, group: Any, project: Any) -> None:
    inner = root.groups.create({"name": "inner", "path": "inner", "parent_id": group.id})
    other = root.groups.create({"name": f"to-{group.path}", "path": f"to-{group.path}", "parent_id": group.parent_id})
    with pytest.raises(gitlab.GitlabError, match="enough permissions"):
        group.transfer(inner.id)
    group.transfer(other.id)
    assert root.groups.get(inner.id).full_path == f"{other.full_path}/{group.path}/inner"
    assert root.projects.get(project.id).path_with_namespace == f"{other.full_path}/{group.path}/{project.path}"
