"""Commit statuses: https://docs.gitlab.com/api/commits/#commit-status."""

from typing import Any

from sandbox.services.gitlab import statuses
from sandbox.services.gitlab.access import require_code, require_push
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import ApiError, bad_request, missing, not_found
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.store import Row, now

STATES = tuple(statuses.EVENTS)


@route("GET", "/projects/{id}/repository/commits/{sha}/statuses", paged=True, public=True)
def list_statuses(call: Call) -> Any:
    """Statuses of a commit: the newest of each name and ref, or `all`."""
    project = require_code(call.gitlab, call.someone, call.path["id"])
    rows = statuses.of_commit(call.gitlab, project, _commit(call, project))
    found = rows if call.boolean("all") else statuses.latest(rows)
    wanted = {"ref": call.params.get("ref"), "name": call.params.get("name"), "pipeline_id": call.integer("pipeline_id")}
    fits = [row for row in found if all(value is None or row[name] == value for name, value in wanted.items())]
    if call.params.get("stage", "external") != "external":
        return []
    order = call.choice("order_by", ("id", "pipeline_id"), "id")
    fits.sort(key=lambda row: (row[order], row["id"]), reverse=call.choice("sort", ("asc", "desc"), "asc") == "desc")
    return [statuses.shown(call.gitlab, row) for row in fits]


@route("POST", "/projects/{id}/statuses/{sha}", status=201)
def set_status(call: Call) -> Any:
    """Set the status `name` of a commit: one that has not finished moves on, otherwise a new one begins."""
    project = require_push(call.gitlab, call.caller, call.path["id"])
    if call.params.get("state") is None:
        raise missing("state")
    state = call.choice("state", STATES, None)
    name = call.params.get("name") or call.params.get("context") or "default"
    sha = _commit(call, project)
    ref, given = _ref(call, project, sha), _given(call)
    with call.gitlab.db.transaction():
        pipeline_id = _pipeline(call, project, sha, ref)
        sql = "SELECT * FROM commit_statuses WHERE pipeline_id = ? AND name = ? AND status IN ('pending', 'running') ORDER BY id DESC"
        row = call.gitlab.db.one(sql, pipeline_id, name)
        if row:
            _check(row["status"], state)
            call.gitlab.db.update("commit_statuses", row["id"], status=state, **_times(state, row), **given)
            return statuses.shown(call.gitlab, call.gitlab.db.get("commit_statuses", row["id"]))
        id = call.gitlab.db.insert(
            "commit_statuses", project_id=project["id"], pipeline_id=pipeline_id, author_id=call.caller.id, sha=sha, ref=ref, name=name,
            status=state, created_at=now(), **_times(state, None), **given,
        )  # fmt: skip
        return statuses.shown(call.gitlab, call.gitlab.db.get("commit_statuses", id))


def _commit(call: Call, project: Row) -> str:
    sha = call.gitlab.repository(project).commit_id(call.path["sha"])
    if sha is None:
        raise not_found("Commit")
    return sha


def _ref(call: Call, project: Row, sha: str) -> str:
    """Return the parameter `ref`, or else the first branch that contains the commit; ApiError 404 if there is none."""
    if call.params.get("ref"):
        return str(call.params["ref"]).removeprefix("refs/heads/").removeprefix("refs/tags/")
    found = call.gitlab.repository(project).text("for-each-ref", "--format=%(refname:lstrip=2)", "--contains", sha, "refs/heads/")
    if not found:
        raise not_found("References for commit")
    return found.splitlines()[0]


def _given(call: Call) -> dict[str, Any]:
    given: dict[str, Any] = {name: call.params[name] for name in ("target_url", "description") if name in call.params}
    if not str(given.get("target_url") or "http://").startswith(("http://", "https://")):
        raise bad_request({"target_url": ["is blocked: Only allowed schemes are http, https"]})
    if call.params.get("coverage") is None:
        return given
    try:
        return given | {"coverage": float(call.params["coverage"])}
    except (TypeError, ValueError):
        raise ApiError(400, {"error": "coverage is invalid"}) from None


def _pipeline(call: Call, project: Row, sha: str, ref: str) -> int:
    wanted, db = call.integer("pipeline_id"), call.gitlab.db
    row = db.one("SELECT * FROM pipelines WHERE project_id = ? AND sha = ? AND ref = ?", project["id"], sha, ref)
    if wanted is not None and (row is None or row["id"] != wanted):
        raise not_found("Pipeline")
    return int(row["id"]) if row else db.insert("pipelines", project_id=project["id"], sha=sha, ref=ref, created_at=now())


def _check(before: str, state: str) -> None:
    event, allowed = statuses.EVENTS[state]
    if before not in allowed:
        raise bad_request(f'Cannot transition status via :{event} from :{before} (Reason(s): Status cannot transition via "{event}")')


def _times(state: str, row: Row | None) -> dict[str, str | None]:
    started = row["started_at"] if row else None
    return {"started_at": started or (now() if state == "running" else None), "finished_at": now() if state in statuses.FINISHED else None}
