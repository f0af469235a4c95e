"""One API call as a handler sees it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from sandbox.services.harbor import access
from sandbox.services.harbor.auth import Caller
from sandbox.services.harbor.errors import bad_request, not_found, unauthorized
from sandbox.services.harbor.instance import Harbor
from sandbox.services.harbor.store import Row

Kinds = Mapping[str, type]


@dataclass
class Call:
    """Arguments: `path` the parts of the route, `query` the parameters, `body` the JSON body, `headers` by small names, `url_path` the
    path as it was sent."""

    harbor: Harbor
    caller: Caller
    path: dict[str, str]
    query: dict[str, str]
    body: Any
    headers: dict[str, str]
    url_path: str
    reply_headers: dict[str, str] = field(default_factory=dict)

    def require_login(self) -> None:
        """Raise ApiError 401 if nobody is logged in."""
        if not self.caller.known:
            raise unauthorized()

    def project(self, resource: str, action: str) -> Row:
        """Return the project that the path names if the caller may do this in it; ApiError 401, 403 or 404 otherwise."""
        either = self.path.get("project_name_or_id")
        # In the other routes the part is a name and never an id.
        by_name = either is None or self.flag(self.headers.get("x-is-resource-name"))
        key = self.path["project_name"] if either is None else either
        return access.require_project(self.harbor, self.caller, key, resource, action, by_name=by_name)

    def system(self, resource: str, action: str) -> None:
        """Raise ApiError 401 or 403 unless the caller may do this with Harbor itself."""
        access.require_system(self.caller, resource, action)

    def id(self, part: str) -> int:
        """Return the part `part` of the path as an id; ApiError 400 if it is none."""
        text = self.path[part]
        if not text.isdecimal() or len(text) > 18:
            raise bad_request(f"{part} is {text!r}, expected a number")
        return int(text)

    def row(self, table: str, part: str, what: str) -> Row:
        """Return the row of `table` whose id is in the path; ApiError 404 names `what` if there is none."""
        row = self.harbor.db.find(table, self.id(part))
        if row is None:
            raise not_found(f"{what} {self.path[part]}")
        return row

    def fields(self, kinds: Kinds, required: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return those fields of the body that `kinds` names, null ones left out.

        Raises ApiError 400 if the body is no object, a field is of another type, or one of the `required` is missing.
        """
        if not isinstance(self.body, dict):
            raise bad_request("the body is no JSON object")
        given = {name: self.body[name] for name in kinds if self.body.get(name) is not None}
        for name, value in given.items():
            if not isinstance(value, kinds[name]) or (isinstance(value, bool) and kinds[name] is int):
                raise bad_request(f"{name} is {value!r}, which is of the wrong type")
        for name in required:
            if given.get(name) in (None, ""):
                raise bad_request(f"{name} is required")
        return given

    def created(self, key: int | str) -> None:
        """Tell in the reply where the new object `key` is."""
        self.reply_headers["Location"] = f"{self.url_path.rstrip('/')}/{key}"

    def asks(self, name: str, default: bool = False) -> bool:
        """Return the query parameter `name` as a flag."""
        return self.flag(self.query[name]) if name in self.query else default

    @staticmethod
    def flag(value: str | None) -> bool:
        """Return a header's or parameter's value as a flag."""
        return (value or "").lower() in ("true", "1", "t")


Handler = Callable[[Call], Any]


def repository_name(call: Call) -> str:
    """Return the full name of the repository in the path, whose slashes clients encode once or twice."""
    return f"{call.path['project_name']}/{unquote(call.path['repository_name'])}"
