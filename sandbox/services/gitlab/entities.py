"""Users, groups and projects in the form in which the API shows them."""

import json
from typing import Any

from sandbox.services.gitlab.access import DEVELOPER, archived, group_level, project_level
from sandbox.services.gitlab.auth import Caller, state_of
from sandbox.services.gitlab.deletion import marked_on
from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.payloads import urls
from sandbox.services.gitlab.store import Row

# Settings that are kept and shown, with GitLab's defaults; they change nothing here.
GROUP_SETTINGS: dict[str, Any] = {
    "description": "", "share_with_group_lock": False, "require_two_factor_authentication": False, "two_factor_grace_period": 48,
    "project_creation_level": "developer", "auto_devops_enabled": None, "subgroup_creation_level": "maintainer", "emails_disabled": False,
    "emails_enabled": True, "mentions_disabled": None, "lfs_enabled": True, "default_branch": None, "default_branch_protection": 2,
    "request_access_enabled": True, "shared_runners_setting": "enabled", "wiki_access_level": "enabled",
}  # fmt: skip
GROUP_DETAIL_SETTINGS: dict[str, Any] = {"membership_lock": False, "prevent_forking_outside_group": None}
FEATURES = (
    "issues", "repository", "merge_requests", "builds", "wiki", "snippets", "container_registry", "analytics", "environments",
    "feature_flags", "forking", "infrastructure", "monitor", "releases", "package_registry", "model_registry",
    "model_experiments", "requirements",
)  # fmt: skip
PROJECT_SETTINGS: dict[str, Any] = {
    "description": None, "topics": [], "issues_enabled": True, "merge_requests_enabled": True, "wiki_enabled": True, "jobs_enabled": True,
    "snippets_enabled": True, "container_registry_enabled": True, "service_desk_enabled": False, "shared_runners_enabled": True,
    "lfs_enabled": True, "request_access_enabled": True, "merge_method": "merge", "squash_option": "default_off",
    "only_allow_merge_if_pipeline_succeeds": False, "only_allow_merge_if_all_discussions_are_resolved": False,
    "allow_merge_on_skipped_pipeline": None, "remove_source_branch_after_merge": True, "printing_merge_request_link_enabled": True,
    "ci_config_path": None, "build_timeout": 3600, "auto_cancel_pending_pipelines": "enabled", "public_jobs": True,
    "packages_enabled": True, "pages_access_level": "private", "security_and_compliance_access_level": "private",
    "emails_enabled": True, "group_runners_enabled": True, "mirror": False,
    "autoclose_referenced_issues": True,
    "resolve_outdated_diff_discussions": False, "suggestion_commit_message": None, "merge_commit_template": None,
    "squash_commit_template": None, "auto_devops_enabled": False, "ci_default_git_depth": 20, "keep_latest_artifact": True,
    "ci_forward_deployment_enabled": True, "ci_separated_caches": True, "issues_template": None, "merge_requests_template": None,
    **{f"{feature}_access_level": "enabled" for feature in FEATURES},
}  # fmt: skip


def user(gitlab: Instance, row: Row) -> dict[str, Any]:
    """Return the basic form of a user."""
    return {
        "id": row["id"], "username": row["username"], "public_email": None, "name": row["name"], "locked": False,
        "state": state_of(gitlab, row["id"]),
        "avatar_url": None, "web_url": f"{gitlab.url}/{row['username']}",
    }  # fmt: skip


def group(gitlab: Instance, row: Row) -> dict[str, Any]:
    """Return the form of a group."""
    attributes = json.loads(row["attributes"])
    settings = {name: attributes.get(name, default) for name, default in GROUP_SETTINGS.items()}
    return settings | {
        "id": row["id"], "web_url": f"{gitlab.url}/groups/{row['full_path']}", "name": row["name"], "path": row["path"],
        "visibility": row["visibility"], "avatar_url": None, "full_name": full_name(gitlab, row), "full_path": row["full_path"],
        "created_at": row["created_at"], "parent_id": row["parent_id"], "organization_id": 1, "archived": False,
        "marked_for_deletion_on": marked_on(gitlab, "Group", row["id"]),
    }  # fmt: skip


def group_detail(gitlab: Instance, row: Row) -> dict[str, Any]:
    """Return the form of one group that was asked for, without its projects."""
    attributes = json.loads(row["attributes"])
    settings = {name: attributes.get(name, default) for name, default in GROUP_DETAIL_SETTINGS.items()}
    return group(gitlab, row) | settings | {"shared_with_groups": []}


def namespace(gitlab: Instance, row: Row) -> dict[str, Any]:
    """Return the form of a namespace: a group or a user's own."""
    prefix = "groups/" if row["kind"] == "group" else ""
    return {
        "id": row["id"], "name": row["name"], "path": row["path"], "kind": row["kind"], "full_path": row["full_path"],
        "parent_id": row["parent_id"], "avatar_url": None, "web_url": f"{gitlab.url}/{prefix}{row['full_path']}",
    }  # fmt: skip


def full_name(gitlab: Instance, row: Row) -> str:
    """Return the names of the namespace and of all above it, joined as GitLab does."""
    if row["parent_id"] is None:
        return str(row["name"])
    return f"{full_name(gitlab, gitlab.db.get('namespaces', row['parent_id']))} / {row['name']}"


def project(gitlab: Instance, row: Row) -> dict[str, Any]:
    """Return the form of a project."""
    parent, address = gitlab.db.get("namespaces", row["namespace_id"]), urls(gitlab, row)
    settings: dict[str, Any] = PROJECT_SETTINGS | json.loads(row["attributes"])
    marked = marked_on(gitlab, "Project", row["id"])
    return settings | _origin(gitlab, row) | {
        "id": row["id"], "name": row["name"], "name_with_namespace": f"{full_name(gitlab, parent)} / {row['name']}", "path": row["path"],
        "path_with_namespace": row["full_path"], "created_at": row["created_at"], "default_branch": row["default_branch"],
        "tag_list": settings["topics"], "ssh_url_to_repo": address["ssh"], "http_url_to_repo": address["http"], "web_url": address["web"],
        "readme_url": f"{address['web']}/-/blob/{row['default_branch']}/README.md", "avatar_url": None, "star_count": 0,
        "forks_count": _forks(gitlab, row),
        "last_activity_at": row["last_activity_at"], "visibility": row["visibility"], "namespace": namespace(gitlab, parent),
        "archived": archived(row),
        "empty_repo": not gitlab.repository(row).refs("refs/heads/"), "creator_id": row["creator_id"], "import_status": "none",
        "open_issues_count": 0, "shared_with_groups": [], "marked_for_deletion_on": marked, "marked_for_deletion_at": marked,
        "updated_at": row["last_activity_at"], "repository_object_format": "sha1", "_links": _links(gitlab, row),
    }  # fmt: skip


def project_with_access(gitlab: Instance, row: Row, caller: Caller | None) -> dict[str, Any]:
    """Return the form of one project, with the access that `caller` has to it and to its group."""
    own = project_level(gitlab, caller, row)
    above = group_level(gitlab, caller, row["namespace_id"])
    levels = {"project_access": _access(own), "group_access": _access(above)}
    return project(gitlab, row) | {"permissions": levels, "can_create_merge_request_in": own >= DEVELOPER}


def _forks(gitlab: Instance, row: Row) -> int:
    return len(gitlab.db.all("SELECT project_id FROM forks WHERE origin_id = ?", row["id"]))


def _origin(gitlab: Instance, row: Row) -> dict[str, Any]:
    """Return, of a fork, which project it is one of."""
    origin = gitlab.db.one("SELECT p.* FROM forks f JOIN projects p ON p.id = f.origin_id WHERE f.project_id = ?", row["id"])
    if origin is None:
        return {}
    address = urls(gitlab, origin)
    shown = {"id": origin["id"], "name": origin["name"], "path": origin["path"], "path_with_namespace": origin["full_path"]}
    return {"forked_from_project": shown | {"web_url": address["web"], "http_url_to_repo": address["http"]}}


def _links(gitlab: Instance, row: Row) -> dict[str, str]:
    base = f"{gitlab.url}/api/v4/projects/{row['id']}"
    names = {"repo_branches": "repository/branches", "labels": "labels", "events": "events", "members": "members"}
    return {"self": base, **{name: f"{base}/{path}" for name, path in names.items()}}


def _access(level: int) -> dict[str, int] | None:
    return {"access_level": min(level, 50), "notification_level": 3} if level else None
