"""One request as a handler sees it."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import ImmutableMultiDict

from sandbox.services.jenkins.auth import Caller, Door
from sandbox.services.jenkins.configuration import JOB_DISCOVER, JOB_READ, READ
from sandbox.services.jenkins.controller import Jenkins
from sandbox.services.jenkins.errors import missing, not_allowed, not_found
from sandbox.services.jenkins.model import Item

Values = ImmutableMultiDict[str, str]


@dataclass
class Call:
    """method; path: parts of the decoded path, without empty ones; query; form: fields of a posted form; headers by small names;
    body; base: scheme and host that the caller used. `session`: id of the session that the answer starts, if it does."""

    jenkins: Jenkins
    door: Door
    caller: Caller
    method: str
    path: list[str]
    query: Values
    form: Values
    headers: Mapping[str, str]
    body: bytes
    base: str
    session: str = ""

    def require(self, permission: str) -> None:
        """Raise HttpError 403 unless the caller has a permission."""
        if not self.caller.may(permission):
            raise missing(self.caller.user or "anonymous", permission)

    def require_post(self) -> None:
        """Raise HttpError 405 unless this is a POST."""
        if self.method != "POST":
            raise not_allowed("POST")

    def parameter(self, name: str, default: str = "") -> str:
        """Return a value of the query, or of the form."""
        return self.query.get(name) or self.form.get(name) or default

    def sees(self, item: Item) -> bool:
        """Tell whether the caller may read an item."""
        return self.caller.may(JOB_READ)

    def sees_job(self, path: str) -> bool:
        """Tell whether there is such an item, and the caller may read it."""
        item = self.jenkins.items.get(path)
        return item is not None and self.sees(item)

    def item(self, path: str) -> Item:
        """Return an item that the caller may read; raises HttpError 404 if it is not there, or must not be known, 403 if it may be."""
        self.require(READ)
        item = self.jenkins.items.get(path)
        if item is not None and self.sees(item):
            return item
        if item is not None and self.caller.may(JOB_DISCOVER):
            raise missing(self.caller.user or "anonymous", JOB_READ)
        raise not_found()

    def job(self, path: str) -> Item:
        """Return a job that the caller may read; raises HttpError 404 for a folder too."""
        item = self.item(path)
        if item.kind == "folder":
            raise not_found()
        return item
