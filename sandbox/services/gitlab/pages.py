"""Plain pages for a person: which projects there are, and what happened in one. A browser logs in by HTTP Basic with an access token."""

import json
from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sandbox.services.gitlab import page_parts
from sandbox.services.gitlab.access import MAINTAINER, find_project, may_read_code, project_level
from sandbox.services.gitlab.auth import Caller, by_header
from sandbox.services.gitlab.errors import ApiError
from sandbox.services.gitlab.git import GitError
from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.page_parts import items
from sandbox.services.gitlab.store import Row

CHALLENGE = {"WWW-Authenticate": 'Basic realm="GitLab"'}
POLICY = {"Content-Security-Policy": "default-src 'none'"}  # should hostile text ever get through, it does nothing
SIGN_IN = (
    '<p>This takes a login. <a href="?sign_in">Sign in</a> with any user name and, as the password, an access token;'
    " or the page does not exist."
)


def start_page(gitlab: Instance, request: Request) -> Response:
    """Return the list of the projects whose code the caller may read."""
    try:
        caller = _caller(gitlab, request)
    except ApiError:
        return _challenge()
    rows = gitlab.db.all("SELECT * FROM projects ORDER BY full_path")
    paths = [escape(row["full_path"]) for row in rows if may_read_code(gitlab, caller, row)]
    links = [f'<a href="/{path}">{path}</a>' for path in paths]
    return _page("GitLab stand-in", (items(links) or "<p>No project.") if caller else (items(links) + SIGN_IN))


def project_page(gitlab: Instance, request: Request) -> Response:
    """Return the page of one project; to a stranger, unless it is public, the same sign-in page whether or not it exists."""
    try:
        caller = _caller(gitlab, request)
    except ApiError:
        return _challenge()
    key, _, rest = request.path_params["project"].rstrip("/").partition("/-/")
    project = find_project(gitlab, key) if "/" in key else None  # without a slash it would be an id
    if project is None or not may_read_code(gitlab, caller, project):
        return _page("404", "<p>Page not found, or you may not see it.", 404) if caller else _page("GitLab stand-in", SIGN_IN)
    if rest:
        return _part_page(gitlab, caller, project, rest)
    manages = project_level(gitlab, caller, project) >= MAINTAINER
    parts = page_parts.merge_request_list(gitlab, project) + page_parts.environment_list(gitlab, project)
    return _page(project["full_path"], parts + _code(gitlab, project) + (_deliveries(gitlab, project) if manages else ""))


def _part_page(gitlab: Instance, caller: Caller | None, project: Row, rest: str) -> Response:
    """Return the page of a merge request or commit, whose address is `rest` below its project."""
    kind, _, name = rest.partition("/")
    if kind == "merge_requests" and name.isdecimal():
        row = gitlab.db.one("SELECT * FROM merge_requests WHERE project_id = ? AND iid = ?", project["id"], int(name[:9]))
        if row:
            return _page(f"{project['full_path']}!{row['iid']} {row['title']}", page_parts.merge_request(gitlab, caller, project, row))
    if kind == "commit":
        sha = gitlab.repository(project).commit_id(name)
        if sha:
            found = gitlab.repository(project).commit(sha)
            return _page(f"{project['full_path']}@{sha[:8]} {found.title}", page_parts.commit(gitlab, project, found))
    return _page("404", "<p>Page not found.", 404)


def _caller(gitlab: Instance, request: Request) -> Caller | None:
    """Return who has logged in; ApiError 401 if the credentials are wrong, or a login is asked for."""
    caller = by_header(gitlab, request.headers.get("authorization", ""))
    if caller is None and "sign_in" in request.query_params:
        raise ApiError(401, {})
    return caller if isinstance(caller, Caller) and caller.scopes & {"api", "read_api"} else None


def _code(gitlab: Instance, project: Row) -> str:
    repository, branch = gitlab.repository(project), project["default_branch"]
    try:
        files = [entry.path for entry in repository.tree(f"refs/heads/{branch}", recursive=True) if entry.kind != "tree"]
        commits = repository.log("-20", f"refs/heads/{branch}", "--")
    except GitError:
        return "<p>The repository is empty."
    shown = [page_parts.commit_line(gitlab, project, commit) for commit in commits]
    return f"<h2>Files on {escape(branch)}</h2>{items([escape(file) for file in files])}<h2>Commits</h2>{items(shown)}"


def _deliveries(gitlab: Instance, project: Row) -> str:
    sql = "SELECT d.*, h.url FROM deliveries d JOIN hooks h ON h.id = d.hook_id WHERE h.project_id = ? ORDER BY d.id DESC LIMIT 20"
    rows = gitlab.db.all(sql, project["id"])
    shown = [
        f"{row['created_at']} {row['event']} {escape(_subject(json.loads(row['payload'])))} to {escape(row['url'])}:"
        f" {escape(row['status'] or 'not sent yet')} after {row['attempts']} attempt(s)"
        for row in rows
    ]
    return f"<h2>Webhook deliveries</h2>{items(shown) or '<p>None.'}"


def _subject(payload: dict[str, Any]) -> str:
    """Return what a delivery is about: the ref, or the number of the merge request."""
    request = payload.get("merge_request") or payload.get("object_attributes") or {}
    return str(payload.get("ref") or f"!{request.get('iid', '')}")


def _page(title: str, body: str, status: int = 200) -> Response:
    return HTMLResponse(f"<!doctype html><title>{escape(title)}</title><h1>{escape(title)}</h1>{body}", status, POLICY)


def _challenge() -> Response:
    return HTMLResponse("<p>Wrong or missing access token.", 401, CHALLENGE)
