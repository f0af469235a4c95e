"""Directories and blobs of a repository: https://docs.gitlab.com/api/repositories/."""

import base64
from typing import Any

from starlette.responses import Response

from sandbox.services.gitlab.access import require_code
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import not_found
from sandbox.services.gitlab.git import GitError
from sandbox.services.gitlab.router import route

REPOSITORY = "/projects/{id}/repository"
READ = ("read_repository",)


@route("GET", f"{REPOSITORY}/tree", scopes=READ, paged=True, public=True, keyset=("page_token",))
def tree(call: Call) -> Any:
    """What is in the directory `path` at `ref`; directories first, as GitLab lists them."""
    project = require_code(call.gitlab, call.someone, call.path["id"])
    repository = call.gitlab.repository(project)
    commit = repository.commit_id(call.params.get("ref") or project["default_branch"])
    if commit is None:
        raise not_found("Tree")
    try:
        entries = repository.tree(commit, (call.params.get("path") or "").strip("/"), recursive=call.boolean("recursive"))
    except GitError:
        raise not_found("invalid revision or path") from None
    ordered = sorted(entries, key=lambda entry: (entry.kind != "tree", entry.path))
    return [
        {"id": entry.id, "name": entry.path.rsplit("/", 1)[-1], "type": entry.kind, "path": entry.path, "mode": entry.mode}
        for entry in ordered
    ]


@route("GET", f"{REPOSITORY}/blobs/{{sha}}", scopes=READ, public=True)
def blob(call: Call) -> Any:
    """One blob in base64."""
    content = _blob(call)
    return {"size": len(content), "encoding": "base64", "content": base64.b64encode(content).decode(), "sha": call.path["sha"]}


@route("GET", f"{REPOSITORY}/blobs/{{sha}}/raw", scopes=READ, public=True)
def raw_blob(call: Call) -> Response:
    """The bytes of one blob."""
    return Response(_blob(call), media_type="application/octet-stream")


def _blob(call: Call) -> bytes:
    project = require_code(call.gitlab, call.someone, call.path["id"])
    try:
        return call.gitlab.repository(project).blob(call.path["sha"])
    except GitError:
        raise not_found("Blob") from None
