"""Groups, projects, files, commits and protections, as python-gitlab and plain HTTP see them."""

from typing import Any

import gitlab
import httpx
import pytest


def status(error: pytest.ExceptionInfo[gitlab.GitlabError]) -> int | None:
    return error.value.response_code


def test_a_new_project_has_a_readme_and_a_protected_main(project: Any) -> None:
    assert project.default_branch == "main"
    assert [item["name"] for item in project.repository_tree()] == ["README.md"]
    protection = project.protectedbranches.get("main")
    assert [level["access_level"] for level in protection.push_access_levels] == [40]
    assert protection.allow_force_push is False


def test_groups_and_projects_are_found_by_id_and_by_encoded_path(root: Any, group: Any, project: Any) -> None:
    assert root.groups.get(group.full_path).id == root.groups.get(group.id).id == group.id
    assert root.projects.get(project.path_with_namespace).id == project.id
    assert [each.id for each in group.projects.list(get_all=True)] == [project.id]
    assert root.namespaces.get(group.id).full_path == group.full_path


def test_a_taken_name_is_refused(root: Any, group: Any, project: Any) -> None:
    with pytest.raises(gitlab.GitlabCreateError) as refused:
        root.projects.create({"name": project.name, "path": project.path, "namespace_id": group.id})
    assert status(refused) == 400
    assert "has already been taken" in str(refused.value)
    with pytest.raises(gitlab.GitlabCreateError, match="has already been taken"):
        root.groups.create({"name": "other", "path": project.path, "parent_id": group.id})


def test_settings_are_kept(root: Any, project: Any) -> None:
    project.description, project.merge_method = "sells", "ff"
    project.save()
    read = root.projects.get(project.id)
    assert (read.description, read.merge_method, read.name) == ("sells", "ff", "Demo Shop")


def test_files_are_created_read_changed_and_deleted(project: Any) -> None:
    change = {"branch": "main", "commit_message": "change"}
    project.files.create({"file_path": "apps/w/u/p/values.yaml", "content": "tag: é\n", **change})
    file = project.files.get("apps/w/u/p/values.yaml", ref="main")
    assert file.decode() == "tag: é\n".encode()
    assert file.last_commit_id == project.commits.list(get_all=False)[0].id
    file.content = "tag: 2\n"
    file.save(branch="main", commit_message="two")
    assert project.files.raw("apps/w/u/p/values.yaml", ref="main") == b"tag: 2\n"
    assert project.files.head("apps/w/u/p/values.yaml", ref="main")["X-Gitlab-Size"] == "7"
    project.files.delete("apps/w/u/p/values.yaml", **change)
    with pytest.raises(gitlab.GitlabGetError, match="404 File Not Found"):
        project.files.get("apps/w/u/p/values.yaml", ref="main")


def test_a_file_changed_meanwhile_is_not_overwritten(project: Any) -> None:
    file = project.files.get("README.md", ref="main")
    project.files.update("README.md", {"branch": "main", "content": "other\n", "commit_message": "other"})
    stale = {"branch": "main", "content": "mine\n", "commit_message": "mine", "last_commit_id": file.last_commit_id}
    with pytest.raises(gitlab.GitlabUpdateError, match="has changed since you started editing it") as refused:
        project.files.update("README.md", stale)
    assert status(refused) == 400
    assert project.files.raw("README.md", ref="main") == b"other\n"


def test_a_commit_is_all_or_nothing(project: Any) -> None:
    before = project.commits.list(get_all=False)[0].id
    good = {"action": "create", "file_path": "a/new.txt", "content": "new"}
    bad = {"action": "update", "file_path": "missing.txt", "content": "x"}
    with pytest.raises(gitlab.GitlabCreateError, match="A file with this name doesn't exist"):
        project.commits.create({"branch": "main", "commit_message": "no", "actions": [good, bad]})
    assert project.commits.list(get_all=False)[0].id == before


def test_a_commit_does_all_kinds_of_actions_for_the_named_author(project: Any) -> None:
    actions = [
        {"action": "create", "file_path": "run.sh", "content": "IyEvYmluL3NoCg==", "encoding": "base64"},
        {"action": "chmod", "file_path": "run.sh", "execute_filemode": True},
        {"action": "move", "file_path": "docs/index.md", "previous_path": "README.md"},
    ]
    commit = project.commits.create(
        {"branch": "main", "commit_message": "all\n\nbody", "actions": actions, "author_name": "Rin", "author_email": "rin@example.com"}
    )
    assert (commit.title, commit.author_name, commit.committer_name) == ("all", "Rin", "Administrator")
    tree = {item["path"]: item["mode"] for item in project.repository_tree(recursive=True, get_all=True)}
    assert tree == {"docs": "040000", "docs/index.md": "100644", "run.sh": "100755"}
    assert {diff["new_path"] for diff in commit.diff(get_all=True)} == {"README.md", "docs/index.md", "run.sh"}


def test_a_commit_may_start_a_branch(project: Any) -> None:
    actions = [{"action": "create", "file_path": "x", "content": "x"}]
    project.commits.create({"branch": "feature/x", "start_branch": "main", "commit_message": "x", "actions": actions})
    assert project.branches.get("feature/x").commit["title"] == "x"
    compared = project.repository_compare("main", "feature/x")
    assert [diff["new_path"] for diff in compared["diffs"]] == ["x"]
    project.branches.delete("feature/x")
    with pytest.raises(gitlab.GitlabGetError, match="404 Branch Not Found"):
        project.branches.get("feature/x")


def test_protections_are_made_changed_and_removed(project: Any) -> None:
    with pytest.raises(gitlab.GitlabCreateError, match="Protected branch 'main' already exists") as refused:
        project.protectedbranches.create({"name": "main"})
    assert status(refused) == 409
    made = project.protectedbranches.create({"name": "release/*", "push_access_level": 0, "merge_access_level": 30})
    assert [level["access_level"] for level in made.push_access_levels] == [0]
    changed = project.protectedbranches.update("release/*", {"allow_force_push": True})
    assert changed["allow_force_push"] is True
    actions = [{"action": "create", "file_path": "x", "content": "x"}]
    with pytest.raises(gitlab.GitlabCreateError, match="not allowed to push into this branch") as closed:
        project.commits.create({"branch": "release/1", "start_branch": "main", "commit_message": "x", "actions": actions})
    assert status(closed) == 403
    project.protectedbranches.delete("release/*")
    project.commits.create({"branch": "release/1", "start_branch": "main", "commit_message": "x", "actions": actions})


def test_lists_are_paged(root: Any, group: Any) -> None:
    for number in range(5):
        root.groups.create({"name": f"g{number}", "path": f"g{number}", "parent_id": group.id})
    page = root.http_get(f"/groups/{group.id}/subgroups", query_data={"per_page": 2, "page": 2}, raw=True)
    assert [each["name"] for each in page.json()] == ["g2", "g3"]
    assert {name: page.headers[name] for name in ("X-Total", "X-Total-Pages", "X-Next-Page", "X-Prev-Page")} == {
        "X-Total": "5", "X-Total-Pages": "3", "X-Next-Page": "3", "X-Prev-Page": "1",
    }  # fmt: skip
    assert len(group.subgroups.list(per_page=2, get_all=True)) == 5


def test_forms_are_accepted_and_missing_parameters_named(server: Any, project: Any) -> None:
    headers = {"PRIVATE-TOKEN": server.client().private_token}
    api = httpx.Client(base_url=f"{server.url}/api/v4/projects/{project.id}", headers=headers)
    made = api.post("/variables", data={"key": "MODE", "value": "fast", "masked": "true"})
    assert (made.status_code, made.json()["masked"]) == (201, True)
    assert api.post("/variables", data={"key": "MODE", "value": "x"}).json() == {"message": {"key": ["(MODE) has already been taken"]}}
    missing = api.post("/repository/commits", json={"branch": "main"})
    assert (missing.status_code, missing.json()) == (400, {"error": "commit_message is missing, actions is missing"})
    assert api.put("/hooks", json={}).status_code == 405


def test_without_a_valid_token_private_things_do_not_exist(server: Any, project: Any, public_project: Any) -> None:
    with pytest.raises(gitlab.GitlabAuthenticationError):
        server.client("glpat-" + "x" * 20).projects.get(project.id)
    anonymous = httpx.get(f"{server.url}/api/v4/projects/{project.id}")
    assert (anonymous.status_code, anonymous.json()) == (404, {"message": "404 Project Not Found"})
    assert httpx.get(f"{server.url}/api/v4/user").json() == {"message": "401 Unauthorized"}
    assert httpx.get(f"{server.url}/api/v4/projects/{public_project.id}").status_code == 200


def test_an_archived_project_is_read_only(root: Any, project: Any) -> None:
    change = {"file_path": "x", "content": "x", "branch": "main", "commit_message": "x"}
    project.archive()
    assert root.projects.get(project.id).archived
    with pytest.raises(gitlab.GitlabCreateError) as refused:
        project.files.create(change)
    assert status(refused) == 403
    project.unarchive()
    project.files.create(change)


def test_a_project_is_not_more_open_than_its_group(project: Any) -> None:
    project.visibility = "public"
    with pytest.raises(gitlab.GitlabUpdateError, match="public is not allowed in a private group"):
        project.save()


def test_a_person_sees_what_happened(server: Any, project: Any) -> None:
    page = f"{server.url}/{project.path_with_namespace}"
    stranger = httpx.get(page)
    assert stranger.status_code == 200
    assert "Sign in" in stranger.text
    assert "README.md" not in stranger.text
    assert httpx.get(f"{page}?sign_in").headers["www-authenticate"] == 'Basic realm="GitLab"'
    person = httpx.get(page, auth=("root", server.client().private_token)).text
    assert "README.md" in person
    assert "Initial commit" in person
    assert "Webhook deliveries" in person
    assert project.path_with_namespace in httpx.get(server.url, auth=("root", server.client().private_token)).text
