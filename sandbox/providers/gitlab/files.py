"""A file in a repository, each change of which is a commit."""

import random
from base64 import b64decode, b64encode
from collections import defaultdict
from functools import partial
from threading import Lock
from typing import Any, ClassVar, Final

from sandbox.providers.api import RefusedError, Verb, camel, path
from sandbox.providers.declared import Declared
from sandbox.providers.gitlab.client import Client
from sandbox.providers.plugin import UNKNOWN, Context, Properties, State

_ATTEMPTS: Final = 6
_COMPUTED: Final = ("blobId", "commitId", "fileName", "lastCommitId", "ref", "size")
_MESSAGES: Final = {"post": "createCommitMessage", "put": "updateCommitMessage", "delete": "deleteCommitMessage"}
_SENT: Final = {
    "branch": "branch",
    "startBranch": "start_branch",
    "authorEmail": "author_email",
    "authorName": "author_name",
    "content": "content",
    "encoding": "encoding",
    "executeFilemode": "execute_filemode",
}


class RepositoryFile(Declared):
    """A file on a branch. Its id is `<project>:<branch>:<path>`. The content is in the `encoding` that the inputs name."""

    identified_by_inputs: ClassVar = True
    in_place: ClassVar = frozenset(_SENT) - {"branch"} | {*_MESSAGES.values(), "commitMessage", "overwriteOnCreate"}
    covered: ClassVar = in_place | {"project", "branch", "filePath"}
    defaults: ClassVar = {"overwriteOnCreate": False}

    def __init__(self, client: Client) -> None:
        self.client = client
        self._branches: defaultdict[tuple[str, str], Lock] = defaultdict(Lock)

    def create(self, context: Context, inputs: Properties) -> State:
        """Commit the new file. One that exists is an error unless it is to be overwritten."""
        if context.preview:
            return State("", self.outputs(inputs, **dict.fromkeys(_COMPUTED, UNKNOWN)))
        exists = inputs.get("overwriteOnCreate") and self._find(_identity(inputs)) is not None
        self._commit(context, "put" if exists else "post", inputs)
        return self._state(inputs)

    def read(self, context: Context, state: State) -> State | None:
        """Look the file up; a changed content becomes the input's, so that the next run corrects it."""
        found = self._find(state.id)
        if found is None:
            return None
        project, branch, file_path = state.id.split(":", 2)
        inputs = state.inputs or {
            "project": project,
            "branch": branch,
            "filePath": file_path,
            "encoding": "base64",
            "content": "",
        }
        content = b64decode(found["content"])
        if content != _bytes(inputs):
            base64 = inputs["encoding"] == "base64"
            inputs = {**inputs, "content": b64encode(content).decode() if base64 else content.decode(errors="replace")}
        return State(state.id, self._outputs(inputs, found), inputs)

    def update(self, context: Context, old: State, inputs: Properties) -> State:
        """Commit the new content."""
        if context.preview:
            return State(
                old.id,
                {
                    **old.outputs,
                    **self.outputs(inputs, **dict.fromkeys(("blobId", "commitId", "lastCommitId", "size"), UNKNOWN)),
                },
            )
        before = old.inputs or {}
        if _bytes(before) != _bytes(inputs) or before.get("executeFilemode") != inputs.get("executeFilemode"):
            self._commit(context, "put", inputs)
        return self._state(inputs)

    def delete(self, context: Context, state: State) -> None:
        """Commit the file's removal. One that is gone already is no error."""
        if self._find(state.id) is not None:
            self._commit(context, "delete", state.inputs or state.outputs)

    def _commit(self, context: Context, verb: Verb, inputs: Properties) -> None:
        """Make one commit; on a branch that moves at the same time, again (https://gitlab.com/gitlab-org/gitlab/-/issues/18521)."""
        data = {api: inputs[name] for name, api in _SENT.items() if inputs.get(name) is not None}
        if verb == "delete":
            data = {name: value for name, value in data.items() if name not in ("content", "encoding", "execute_filemode")}
        data["commit_message"] = inputs.get(_MESSAGES[verb]) or inputs.get("commitMessage") or f"{verb} {inputs['filePath']}"
        file = path("/projects/{project}/repository/files/{file}", project=inputs["project"], file=inputs["filePath"])
        with self._branches[str(inputs["project"]), str(inputs["branch"])]:  # commits of this process wait for each other
            for attempt in range(1, _ATTEMPTS + 1):
                try:
                    self.client.call(verb, file, data, made=partial(self._made, verb, inputs))
                    return
                except RefusedError as error:
                    if "Could not update" not in str(error) or attempt == _ATTEMPTS:
                        raise
                    context.log.status(f"branch {inputs['branch']} moved, committing {inputs['filePath']} again ({attempt} of {_ATTEMPTS})")
                    context.cancelled.wait(random.uniform(0, 2**attempt / 4))

    def _made(self, verb: Verb, inputs: Properties) -> bool | None:
        """Tell whether a commit without an answer was made."""
        found = self._find(_identity(inputs))
        if verb == "delete":
            return found is None or None
        return (found is not None and b64decode(found["content"]) == _bytes(inputs)) or None

    def _find(self, identity: str) -> Any:
        project, branch, file_path = identity.split(":", 2)
        return self.client.find(path("/projects/{project}/repository/files/{file}", project=project, file=file_path), ref=branch)

    def _state(self, inputs: Properties) -> State:
        identity = _identity(inputs)
        return State(identity, self._outputs(inputs, self._find(identity) or {}))

    def _outputs(self, inputs: Properties, found: Any) -> Properties:
        read = {camel(name): value for name, value in found.items()}
        return self.outputs(inputs, **{name: read[name] for name in _COMPUTED if name in read})


def _identity(inputs: Properties) -> str:
    return f"{inputs['project']}:{inputs['branch']}:{inputs['filePath']}"


def _bytes(inputs: Properties) -> bytes:
    content = str(inputs.get("content") or "")
    return b64decode(content) if inputs.get("encoding") == "base64" else content.encode()
