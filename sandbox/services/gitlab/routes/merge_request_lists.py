"""Lists of merge requests: of a project, of a group, of all."""

from typing import Any

from sandbox.services.gitlab import mr_entities
from sandbox.services.gitlab.access import may_read_code, require_code, require_group
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.merge_requests import attributes_of, is_draft, versions
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.routes.merge_requests import MERGE_REQUESTS, words
from sandbox.services.gitlab.store import Row

STATES = ("opened", "closed", "locked", "merged", "all")
SCOPES = ("created_by_me", "created-by-me", "assigned_to_me", "assigned-to-me", "all")
BELOW = """WITH RECURSIVE down(id) AS (SELECT ? UNION SELECT n.id FROM namespaces n JOIN down ON n.parent_id = down.id)
    SELECT * FROM projects WHERE namespace_id IN (SELECT id FROM down)"""


@route("GET", MERGE_REQUESTS, paged=True, public=True)
def of_project(call: Call) -> Any:
    """Merge requests into a project."""
    return _listed(call, [require_code(call.gitlab, call.someone, call.path["id"])], "all")


@route("GET", "/groups/{id}/merge_requests", paged=True, public=True)
def of_group(call: Call) -> Any:
    """Merge requests into the projects below a group."""
    group = require_group(call.gitlab, call.someone, call.path["id"])
    return _listed(call, call.gitlab.db.all(BELOW, group["id"]), "all")


@route("GET", "/merge_requests", paged=True)
def of_all(call: Call) -> Any:
    """Merge requests of the caller, or with the scope `all` every one that the caller may see."""
    return _listed(call, call.gitlab.db.all("SELECT * FROM projects"), "created_by_me")


@route("GET", "/projects/{id}/repository/commits/{sha}/merge_requests", paged=True, public=True)
def of_commit(call: Call) -> Any:
    """Merge requests that have brought, or would bring, a commit."""
    project = require_code(call.gitlab, call.someone, call.path["id"])
    repository = call.gitlab.repository(project)
    sha = repository.commit_id(call.path["sha"])
    found = []
    for row in call.gitlab.db.all("SELECT * FROM merge_requests WHERE project_id = ? ORDER BY id", project["id"]):
        version = versions(call.gitlab, row)[0]
        brought = repository.text("rev-list", f"{version['start']}..{version['head']}").splitlines()
        if sha in [*brought, row["merge_commit_sha"], row["squash_commit_sha"]]:
            found.append(row)
    return [mr_entities.basic(call.gitlab, row) for row in found]


def _listed(call: Call, projects: list[Row], scope: str) -> list[dict[str, Any]]:
    seen = {project["id"] for project in projects if may_read_code(call.gitlab, call.someone, project)}
    scope = call.choice("scope", SCOPES, scope).replace("-", "_")
    order = call.choice("order_by", ("created_at", "updated_at", "merged_at", "title"), "created_at")
    rows = [row for row in call.gitlab.db.all("SELECT * FROM merge_requests") if row["project_id"] in seen]
    fits = [row for row in rows if _in_scope(call, row, scope) and _fits(call, row)]
    fits.sort(key=lambda row: (row[order] or "", row["id"]), reverse=call.choice("sort", ("asc", "desc"), "desc") == "desc")
    return [mr_entities.basic(call.gitlab, row) for row in fits]


def _in_scope(call: Call, row: Row, scope: str) -> bool:
    if scope == "all" or call.someone is None:
        return True
    return row["author_id"] == call.someone.id if scope == "created_by_me" else call.someone.id in attributes_of(row)["assignee_ids"]


def _fits(call: Call, row: Row) -> bool:
    """Tell whether the merge request has what the parameters ask for."""
    state, iids = call.choice("state", STATES, "all"), call.params.get("iids")
    wanted = {"source_branch": call.params.get("source_branch"), "target_branch": call.params.get("target_branch"),
              "author_id": call.integer("author_id"), "source_project_id": call.integer("source_project_id")}  # fmt: skip
    name = call.params.get("author_username")
    author = call.gitlab.db.one("SELECT * FROM users WHERE id = ?", row["author_id"])
    text = f"{row['title']}\n{row['description'] or ''}".lower()
    return (
        state in ("all", row["state"])
        and all(value is None or row[column] == value for column, value in wanted.items())
        and (iids is None or str(row["iid"]) in map(str, iids if isinstance(iids, list) else [iids]))
        and (name is None or (author is not None and author["username"].lower() == str(name).lower()))
        and str(call.params.get("search", "")).lower() in text
        and call.choice("wip", ("yes", "no"), None) in (None, "yes" if is_draft(row["title"]) else "no")
        and _has_labels(words(call.params.get("labels")), attributes_of(row)["labels"])
    )


def _has_labels(wanted: list[str], labels: list[str]) -> bool:
    if [word.lower() for word in wanted] in (["none"], ["any"]):
        return bool(labels) == (wanted[0].lower() == "any")
    return set(wanted) <= set(labels)
