"""Comments on commits: https://docs.gitlab.com/api/commits/#comments."""

from typing import Any

from sandbox.services.gitlab import entities
from sandbox.services.gitlab.access import require_code
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import not_found
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.store import Row, now

COMMENTS = "/projects/{id}/repository/commits/{sha}/comments"


@route("GET", COMMENTS, paged=True, public=True)
def list_comments(call: Call) -> Any:
    """Comments on a commit, oldest first."""
    project = require_code(call.gitlab, call.someone, call.path["id"])
    sql = "SELECT * FROM commit_comments WHERE project_id = ? AND sha = ? ORDER BY id"
    return [_shown(call, row) for row in call.gitlab.db.all(sql, project["id"], _sha(call, project))]


@route("POST", COMMENTS, status=201)
def create_comment(call: Call) -> Any:
    """A new comment, on a line of a file if `path` and `line` say which."""
    project = require_code(call.gitlab, call.caller, call.path["id"])
    values = {
        "note": str(call.require("note")[0]), "path": call.params.get("path"), "line": call.integer("line"),
        "line_type": call.choice("line_type", ("new", "old"), "new") if call.params.get("path") else None,
    }  # fmt: skip
    sha = _sha(call, project)
    id = call.gitlab.db.insert("commit_comments", project_id=project["id"], sha=sha, author_id=call.caller.id, created_at=now(), **values)
    return _shown(call, call.gitlab.db.get("commit_comments", id))


def _sha(call: Call, project: Row) -> str:
    sha = call.gitlab.repository(project).commit_id(call.path["sha"])
    if sha is None:
        raise not_found("Commit")
    return sha


def _shown(call: Call, row: Row) -> dict[str, Any]:
    author = call.gitlab.db.one("SELECT * FROM users WHERE id = ?", row["author_id"])
    names = ("note", "path", "line", "line_type", "created_at")
    return {name: row[name] for name in names} | {"author": entities.user(call.gitlab, author) if author else None}
