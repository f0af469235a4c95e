"""The platform right after `make up`, before other tests use it: what it answers, and that a second run and a refresh change nothing."""

from sandbox.tenants import TENANTS
from tests.e2e.registry import administrator
from tests.e2e.support import NAME, Platform, slipway, work_tree


def test_the_sample_answers_through_the_ingress(platform: Platform) -> None:
    assert platform.answer("sample")["name"] == "flask"


def test_argo_cd_answers_through_the_ingress(platform: Platform) -> None:
    answer = platform.get("argocd", "/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_two_workspaces_three_users_four_applications_are_there(platform: Platform) -> None:
    group = platform.gitlab.groups.get(f"platform/{platform.name}")
    projects = {each.path_with_namespace for each in group.projects.list(include_subgroups=True, iterator=True)}
    wanted = {f"{group.full_path}/{workspace}/{user}-{project}" for workspace, user, several in TENANTS for project in several}
    assert len(wanted) == 4
    assert wanted <= projects
    readme = platform.gitlab.projects.get(f"{group.full_path}/acme/bob-blog").files.get("README.md", ref="main").decode().decode()
    assert "It listens on port 8080" in readme
    assert {"acme", "umbrella", "platform", "mirror"} <= {each["name"] for each in administrator(platform).listed("/projects")}


def test_a_second_run_changes_nothing_and_shows_the_links(platform: Platform) -> None:
    commit = platform.gitops.branches.get("main").commit["id"]
    printed = slipway("sandbox", "up", "--name", NAME)
    assert "Sample application" in printed
    assert f"200  http://sample.{NAME}.test/" in printed
    for change in ("to create", "to update", "created", "updated", "deleted", "replaced"):
        assert f" {change}" not in printed
    assert "unchanged" in printed
    assert platform.gitops.branches.get("main").commit["id"] == commit
    platform.pulumi("preview", "--expect-no-changes")


def test_refresh_finds_no_drift(platform: Platform) -> None:
    platform.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")


def test_the_work_tree_stays_as_it_was(platform: Platform) -> None:
    platform.pulumi("up", "--yes", "--skip-preview")
    assert work_tree() == platform.tree_before
