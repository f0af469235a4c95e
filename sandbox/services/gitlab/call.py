"""One API call as a handler sees it: who calls, with which parameters."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from sandbox.services.gitlab.auth import Caller
from sandbox.services.gitlab.errors import ApiError, bad_request, missing, unauthorized
from sandbox.services.gitlab.instance import Instance

TRUE, FALSE = ("true", "t", "1", "on", "yes"), ("false", "f", "0", "off", "no")


@dataclass
class Call:
    """Arguments: `path` the decoded parts of the route, `params` query and body together, `someone` the caller if there is one."""

    gitlab: Instance
    someone: Caller | None
    path: dict[str, str]
    params: dict[str, Any]
    reply_headers: dict[str, str] = field(default_factory=dict)

    @property
    def caller(self) -> Caller:
        """The caller; ApiError 401 if nobody is logged in."""
        if self.someone is None:
            raise unauthorized()
        return self.someone

    def require(self, *names: str) -> list[Any]:
        """Return the values of the parameters `names`; ApiError 400 that lists those not given."""
        absent = [name for name in names if self.params.get(name) is None]
        if absent:
            raise missing(*absent)
        return [self.params[name] for name in names]

    def boolean(self, name: str, default: bool = False) -> bool:
        """Return the parameter `name` as a flag; ApiError 400 if it is none."""
        value = self.params.get(name)
        if value is None:
            return default
        if str(value).lower() not in TRUE + FALSE:
            raise ApiError(400, {"error": f"{name} is invalid"})
        return str(value).lower() in TRUE

    def integer(self, name: str, default: int | None = None) -> int | None:
        """Return the parameter `name` as a whole number; ApiError 400 if it is none."""
        value = self.params.get(name, default)
        try:
            return None if value is None else int(value)
        except (TypeError, ValueError):
            raise ApiError(400, {"error": f"{name} is invalid"}) from None

    def choice(self, name: str, allowed: tuple[Any, ...], default: Any) -> Any:
        """Return the parameter `name`, one of `allowed`; ApiError 400 if it is something else."""
        value = self.integer(name) if isinstance(allowed[0], int) else self.params.get(name)
        if value is not None and value not in allowed:
            raise ApiError(400, {"error": f"{name} does not have a valid value"})
        return default if value is None else value

    def number(self, part: str) -> int:
        """Return the part `part` of the path as an id; ApiError 400 if it is no number."""
        if not self.path[part].isdigit():
            raise ApiError(400, {"error": f"{part} is invalid"})
        return int(self.path[part])


def parse_params(query: str, content_type: str, body: bytes) -> dict[str, Any]:
    """Return the parameters of a request, those of the body over those of the query.

    A body is JSON or an urlencoded form; lists are written `name[]=value` in queries and forms. Raises ApiError 400 otherwise.
    """
    params = _fields(query)
    if not body:
        return params
    if content_type.startswith("application/x-www-form-urlencoded"):
        return params | _fields(body.decode(errors="replace"))
    if not content_type.startswith("application/json"):
        raise ApiError(415, {"error": "The provided content-type is not supported."})
    try:
        given = json.loads(body)
    except ValueError:
        raise ApiError(400, {"error": "The request body is not valid JSON"}) from None
    if not isinstance(given, dict):
        raise bad_request("400 Bad request - expected a JSON object")
    return params | given


def _fields(text: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name.endswith("[]"):
            fields.setdefault(name[:-2], []).append(value)
        else:
            fields[name] = value
    return fields
