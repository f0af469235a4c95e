"""One API call as a handler sees it: who calls, with which parameters."""

import re
from dataclasses import dataclass, field
from typing import Any

from sandbox.services.gitlab.auth import Caller
from sandbox.services.gitlab.errors import ApiError, missing, unauthorized
from sandbox.services.gitlab.instance import Instance

LARGEST = 2**63 - 1  # what the database holds
FLAGS = {"allow_merge_on_skipped_pipeline", "auto_devops_enabled", "mentions_disabled", "prevent_forking_outside_group"}  # null at first
TRUE, FALSE = ("true", "t", "1", "on", "yes"), ("false", "f", "0", "off", "no")


@dataclass
class Call:
    """Arguments: `path` the decoded parts of the route, `params` as parse_params gives them, `someone` the caller if there is one."""

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
            number = None if value is None else int(value)
        except ValueError:
            raise ApiError(400, {"error": f"{name} is invalid"}) from None
        if number is not None and abs(number) > LARGEST:
            raise ApiError(400, {"error": f"{name} is invalid"})
        return number

    def choice(self, name: str, allowed: tuple[Any, ...], default: Any) -> Any:
        """Return the parameter `name`, one of `allowed`; ApiError 400 if it is something else."""
        value = self.integer(name) if isinstance(allowed[0], int) else self.params.get(name)
        if value is not None and value not in allowed:
            raise ApiError(400, {"error": f"{name} does not have a valid value"})
        return default if value is None else value

    def number(self, part: str) -> int:
        """Return the part `part` of the path as an id; ApiError 400 if it is no number."""
        if not re.fullmatch("[0-9]{1,18}", self.path[part]):
            raise ApiError(400, {"error": f"{part} is invalid"})
        return int(self.path[part])

    def settings(self, defaults: dict[str, Any]) -> dict[str, Any]:
        """Return those of the settings `defaults` that are given, each in the type of its default; ApiError 400 where it has another."""
        return {name: self._setting(name, default) for name, default in defaults.items() if name in self.params}

    def _setting(self, name: str, default: Any) -> Any:
        value = self.params[name]
        if value is None:
            return default
        if isinstance(default, bool) or name in FLAGS:
            return self.boolean(name)
        if isinstance(default, int):
            return self.integer(name)
        if isinstance(default, list):
            names = value if isinstance(value, list) else [each.strip() for each in value.split(",") if each.strip()]
            if not all(isinstance(each, str) for each in names):
                raise ApiError(400, {"error": f"{name} is invalid"})
            return names
        return value
