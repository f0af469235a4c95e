"""A resource that is described by the names of its inputs; the stateless and the simple ones build on it."""

import re
import secrets
from collections.abc import Mapping
from typing import Any, ClassVar

from sandbox.providers.differ import compare
from sandbox.providers.plugin import Context, Diff, Failure, Properties, Resource, State


class Declared(Resource):
    """Refuses inputs that it does not cover, names objects like the official providers do, and compares inputs by path."""

    covered: ClassVar[frozenset[str]]
    """The inputs that are implemented. Ignoring another one would be a lie about the object."""
    defaults: ClassVar[Mapping[str, Any]] = {}
    """Outputs where the input is absent."""
    in_place: ClassVar[frozenset[str]] = frozenset()
    """The inputs that an update can change; a change of any other replaces the object."""
    nested: ClassVar[Mapping[str, frozenset[str]]] = {}
    """What is implemented inside of inputs that are objects or lists of objects."""
    auto_named: ClassVar[bool] = False
    """Whether an absent `name` is made up from the resource's name, as `<name>-<7 hex digits>`."""
    identified_by_inputs: ClassVar[bool] = False
    """Whether two with the same inputs are one object, so that the old one must go before its replacement comes."""

    def check(self, context: Context, old: Properties | None, new: Properties) -> tuple[Properties, list[Failure]]:
        """Refuse inputs that are not covered; give the object a name, the one of the last run where it had one."""
        given = {name: value for name, value in new.items() if value is not None}
        unknown = [*sorted(given.keys() - self.covered), *self._uncovered_inside(given)]
        failures = [
            Failure(path, f"the sandbox's provider does not cover `{path}`: leave it out, or install the official one") for path in unknown
        ]
        if self.auto_named and "name" not in given:
            given["name"] = _auto_name(context.urn, (old or {}).get("name"))
        return given, failures

    def diff(self, context: Context, old: State, new: Properties) -> Diff:
        """Compare the inputs; what is not in `in_place` forces a replacement, after a delete where the name is a given one and so taken."""
        inputs = old.inputs or {}
        taken = self.auto_named and inputs.get("name") == new.get("name") and not _is_auto_name(context.urn, inputs.get("name"))
        return compare(inputs, new, self.covered - self.in_place, delete_before_replace=taken or self.identified_by_inputs)

    def outputs(self, inputs: Properties, **computed: Any) -> Properties:
        """Return the outputs: defaults, then inputs, then what was computed."""
        return {**self.defaults, **inputs, **computed}

    def delete(self, context: Context, state: State) -> None:
        """Forget it: there is nothing outside Pulumi. Others override this."""

    def _uncovered_inside(self, inputs: Properties) -> list[str]:
        found = set()
        for name, covered in self.nested.items():
            value = inputs.get(name)
            items = value if isinstance(value, list) else [value]
            found |= {
                f"{name}.{key}" for item in items if isinstance(item, dict) for key in item if item[key] is not None and key not in covered
            }
        return sorted(found)


def _auto_name(urn: str, old: Any) -> str:
    return str(old) if _is_auto_name(urn, old) else f"{_base(urn)}-{secrets.token_hex(4)[:7]}"


def _is_auto_name(urn: str, name: Any) -> bool:
    return isinstance(name, str) and re.fullmatch(re.escape(_base(urn)) + "-[0-9a-f]{7}", name) is not None


def _base(urn: str) -> str:
    return urn.rpartition("::")[2]
