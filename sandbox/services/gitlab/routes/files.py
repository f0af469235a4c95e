"""Repository files: https://docs.gitlab.com/api/repository_files/."""

import base64
import binascii
import hashlib
import mimetypes
from typing import Any

from starlette.responses import Response

from sandbox.services.gitlab.access import require_code, require_push
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.changes import EXECUTABLE, Action, Author, commit_actions
from sandbox.services.gitlab.errors import bad_request, missing, not_found
from sandbox.services.gitlab.git import Entry
from sandbox.services.gitlab.protection import may_push
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.store import Row

FILE = "/projects/{id}/repository/files/{file_path}"
READ = ("read_repository",)


@route("GET", FILE, scopes=READ, public=True)
def get_file(call: Call) -> Any:
    """A file with its content in base64."""
    project = require_code(call.gitlab, call.someone, call.path["id"])
    commit, entry, content = _read(call, project)
    return _described(call, project, commit, entry, content) | {"content": base64.b64encode(content).decode()}


@route("HEAD", FILE, scopes=READ, public=True)
def head_file(call: Call) -> Response:
    """What is known of a file, in headers."""
    project = require_code(call.gitlab, call.someone, call.path["id"])
    described = _described(call, project, *_read(call, project))
    names = {name: "X-Gitlab-" + "-".join(part.capitalize() for part in name.split("_")) for name in described}
    names["content_sha256"] = "X-Gitlab-Content-Sha256"
    return Response(headers={names[name]: str(value).lower() if value is True or value is False else str(value)
                             for name, value in described.items()})  # fmt: skip


@route("GET", f"{FILE}/raw", scopes=READ, public=True)
def raw_file(call: Call) -> Response:
    """The bytes of a file."""
    project = require_code(call.gitlab, call.someone, call.path["id"])
    _, entry, content = _read(call, project)
    binary = b"\0" in content[:8000]
    kind = (mimetypes.guess_type(entry.path)[0] if binary else None) or ("application/octet-stream" if binary else "text/plain")
    return Response(content, media_type=kind)


@route("POST", FILE, status=201)
def create_file(call: Call) -> Any:
    """A new file, in a commit of its own."""
    return _commit(call, "create")


@route("PUT", FILE)
def update_file(call: Call) -> Any:
    """New content for a file, in a commit of its own."""
    return _commit(call, "update")


@route("DELETE", FILE, status=204)
def delete_file(call: Call) -> None:
    """Delete a file, in a commit of its own."""
    _commit(call, "delete")


def content_of(params: dict[str, Any]) -> bytes | None:
    """Return the bytes that the parameters `content` and `encoding` (text or base64) mean; ApiError 400 if it is no base64."""
    content = params.get("content")
    if content is None:
        return None
    if params.get("encoding") != "base64":
        return str(content).encode()
    try:
        return base64.b64decode(content)
    except (binascii.Error, ValueError):
        raise bad_request("content is not valid base64") from None


def author_of(call: Call) -> Author | None:
    """Return the author that the parameters name; what is not given is the caller's."""
    name, email = call.params.get("author_name"), call.params.get("author_email")
    return Author(name or call.caller.user["name"], email or call.caller.user["email"]) if name or email else None


def _read(call: Call, project: Row) -> tuple[str, Entry, bytes]:
    ref = call.params.get("ref") or "HEAD"
    repository = call.gitlab.repository(project)
    commit = repository.commit_id(project["default_branch"] if ref == "HEAD" else ref)
    if commit is None:
        raise not_found("Commit")
    entry = repository.entry(commit, call.path["file_path"])
    if entry is None or entry.kind != "blob":
        raise not_found("File")
    return commit, entry, repository.blob(entry.id)


def _described(call: Call, project: Row, commit: str, entry: Entry, content: bytes) -> dict[str, Any]:
    last = call.gitlab.repository(project).text("--literal-pathspecs", "rev-list", "-1", commit, "--", entry.path)
    return {
        "file_name": entry.path.rsplit("/", 1)[-1], "file_path": entry.path, "size": len(content), "encoding": "base64",
        "content_sha256": hashlib.sha256(content).hexdigest(), "ref": call.params.get("ref") or "HEAD", "blob_id": entry.id,
        "commit_id": commit, "last_commit_id": last, "execute_filemode": entry.mode == EXECUTABLE,
    }  # fmt: skip


def _commit(call: Call, kind: str) -> dict[str, str]:
    project = require_push(call.gitlab, call.caller, call.path["id"])
    branch, message = call.require("branch", "commit_message")
    content = content_of(call.params)
    if content is None and kind != "delete":
        raise missing("content")
    # The commits API answers 403 here, the files API 400.
    if not may_push(call.gitlab, call.caller, project, branch):
        raise bad_request("You are not allowed to push into this branch")
    executable = call.boolean("execute_filemode") if "execute_filemode" in call.params else None
    action = Action(kind, call.path["file_path"], content, last_commit_id=call.params.get("last_commit_id"), executable=executable)
    start = call.params.get("start_branch")
    commit_actions(call.gitlab, call.caller, project, branch, message, [action], start=start, author=author_of(call))
    return {"file_path": call.path["file_path"], "branch": branch}
