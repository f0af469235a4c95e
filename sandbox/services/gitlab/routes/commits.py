"""Commits: https://docs.gitlab.com/api/commits/."""

from typing import Any

from sandbox.services.gitlab import repo_entities
from sandbox.services.gitlab.access import require_code, require_push
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.changes import Action, commit_actions
from sandbox.services.gitlab.errors import ApiError, bad_request, forbidden, not_found
from sandbox.services.gitlab.git import Commit
from sandbox.services.gitlab.protection import may_force, may_push
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.routes.files import author_of, content_of
from sandbox.services.gitlab.store import Row

COMMITS = "/projects/{id}/repository/commits"
ACTION_TEXTS = ("file_path", "previous_path", "content", "encoding", "last_commit_id")
KINDS = ("create", "delete", "move", "update", "chmod")


@route("GET", COMMITS, paged=True, public=True)
def list_commits(call: Call) -> Any:
    """Commits of `ref_name`, newest first; `path`, `since`, `until`, `author` narrow the list."""
    project = require_code(call.gitlab, call.someone, call.path["id"])
    repository = call.gitlab.repository(project)
    if not repository.refs("refs/heads/"):
        return []
    ref = call.params.get("ref_name") or project["default_branch"]
    tip = repository.commit_id(ref)
    if tip is None and not call.boolean("all"):
        raise not_found("Commit")
    narrowed = [f"--{name}={call.params[name]}" for name in ("since", "until", "author") if call.params.get(name)]
    first = ["--first-parent"] if call.boolean("first_parent") else []
    which = ["--branches", "--tags"] if call.boolean("all") else [str(tip)]
    paths = [f":(literal){call.params['path']}"] if call.params.get("path") else []
    found = repository.log(*narrowed, *first, *which, "--", *paths)
    return [repo_entities.commit(call.gitlab, project, each) for each in found]


@route("POST", COMMITS, status=201)
def create_commit(call: Call) -> Any:
    """One commit of several changes, all or none."""
    project = require_push(call.gitlab, call.caller, call.path["id"])
    branch, message, given = call.require("branch", "commit_message", "actions")
    if not may_push(call.gitlab, call.caller, project, branch):
        raise forbidden("You are not allowed to push into this branch")
    if call.boolean("force") and not may_force(call.gitlab, call.caller, project, branch):
        raise forbidden("You are not allowed to force push code to a protected branch on this project")
    actions = [_action(place, each) for place, each in enumerate(given)] if isinstance(given, list) else []
    if not actions:
        raise ApiError(400, {"error": "actions is invalid: expected a list with at least one action"})
    commit = commit_actions(
        call.gitlab, call.caller, project, branch, message, actions, start=_start(call, project), author=author_of(call),
        force=call.boolean("force"),
    )  # fmt: skip
    return _detail(call, project, call.gitlab.repository(project).commit(commit))


@route("GET", f"{COMMITS}/{{sha}}", public=True)
def get_commit(call: Call) -> Any:
    """One commit, by id, branch or tag."""
    project = require_code(call.gitlab, call.someone, call.path["id"])
    return _detail(call, project, _find(call, project, call.path["sha"]))


@route("GET", f"{COMMITS}/{{sha}}/diff", paged=True, public=True)
def commit_diff(call: Call) -> Any:
    """What a commit changed."""
    project = require_code(call.gitlab, call.someone, call.path["id"])
    found = _find(call, project, call.path["sha"])
    return repo_entities.diffs(call.gitlab.repository(project), repo_entities.base(found), found.id)


@route("GET", "/projects/{id}/repository/compare", public=True)
def compare(call: Call) -> Any:
    """Commits and differences from `from` to `to`; from their common ancestor, unless `straight`."""
    project = require_code(call.gitlab, call.someone, call.path["id"])
    old, new = (_find(call, project, ref).id for ref in call.require("from", "to"))
    repository = call.gitlab.repository(project)
    base = old if call.boolean("straight") else repository.text("merge-base", old, new)
    commits = list(reversed(repository.log(f"{old}..{new}", "--")))
    shown = [repo_entities.commit(call.gitlab, project, each) for each in commits]
    return {
        "commit": shown[-1] if shown else None, "commits": shown, "diffs": repo_entities.diffs(repository, base, new),
        "compare_timeout": False, "compare_same_ref": call.params["from"] == call.params["to"],
        "web_url": f"{call.gitlab.url}/{project['full_path']}/-/compare/{call.params['from']}...{call.params['to']}",
    }  # fmt: skip


def _find(call: Call, project: Row, ref: str) -> Commit:
    repository = call.gitlab.repository(project)
    commit_id = repository.commit_id(ref)
    if commit_id is None:
        raise not_found("Commit")
    return repository.commit(commit_id)


def _detail(call: Call, project: Row, found: Commit) -> dict[str, Any]:
    shown = repo_entities.commit_detail(call.gitlab, project, found)
    return shown if call.boolean("stats", default=True) else {name: value for name, value in shown.items() if name != "stats"}


def _start(call: Call, project: Row) -> str | None:
    """Return what a new branch begins at: `start_branch` or `start_sha`, of this project or, brought over here, of `start_project`."""
    branch, sha, elsewhere = (call.params.get(f"start_{name}") for name in ("branch", "sha", "project"))
    if branch and sha:
        raise ApiError(400, {"error": "start_branch, start_sha are mutually exclusive"})
    start = branch or sha
    if not elsewhere or not start:
        return start
    other = require_code(call.gitlab, call.caller, elsewhere)
    tip = call.gitlab.repository(other).commit_id(start)
    if tip is None:
        raise bad_request(f"Invalid reference name: {start}")
    source = str(call.gitlab.repository(other).path)
    call.gitlab.repository(project).run("fetch", "--quiet", "--no-write-fetch-head", "--no-tags", source, tip)
    return tip


def _action(place: int, given: Any) -> Action:
    if not isinstance(given, dict) or given.get("action") not in KINDS:
        raise ApiError(400, {"error": f"actions[{place}][action] does not have a valid value"})
    for name in ACTION_TEXTS:
        if not isinstance(given.get(name, ""), str | None):
            raise ApiError(400, {"error": f"actions[{place}][{name}] is invalid"})
    if not given.get("file_path"):
        raise ApiError(400, {"error": f"actions[{place}][file_path] is missing"})
    kind, content = given["action"], content_of(given)
    if kind == "move" and not given.get("previous_path"):
        raise bad_request("You must provide the previous_path of a file to move")
    mode = given.get("execute_filemode")
    if mode not in (None, True, False, "true", "false"):
        raise ApiError(400, {"error": f"actions[{place}][execute_filemode] is invalid"})
    previous = given.get("previous_path") if kind == "move" else None
    changed = None if kind == "chmod" else content
    executable = None if mode is None else mode in (True, "true")
    return Action(kind, given["file_path"], changed, previous, given.get("last_commit_id"), executable)
