"""Robot accounts."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from sandbox.providers.api import RefusedError
from sandbox.providers.harbor.rest import Rest
from sandbox.providers.plugin import Context, Failure, Properties, State


class RobotAccount(Rest):
    """A robot account of the system or of one project. Its secret is the input's, or made by Harbor and told once."""

    collection: ClassVar = "/robots"
    form: ClassVar = r"/robots/\d+"
    auto_named: ClassVar = True
    in_place: ClassVar = frozenset({"description", "disable", "duration", "permissions", "secret"})
    covered: ClassVar = in_place | {"name", "level"}
    nested: ClassVar = {"permissions": frozenset({"accesses", "kind", "namespace"})}
    defaults: ClassVar = {"disable": False, "duration": -1}
    lasting: ClassVar = frozenset({"secret"})
    computed: ClassVar = frozenset({"robotId", "fullName", "secret"})
    told_once: ClassVar = frozenset({"secret"})

    def check(self, context: Context, old: Properties | None, new: Properties) -> tuple[Properties, list[Failure]]:
        """Complete the inputs; permissions and accesses are sets."""
        given, failures = super().check(context, old, new)
        return {**given, "permissions": _sorted(given.get("permissions"))}, failures

    def listing(self, context: Context, inputs: Properties) -> Mapping[str, Any]:
        """Return the robots of the system, or of the project, by the names that they have without their prefix."""
        query = {}
        if inputs["level"] == "project":
            namespace = inputs["permissions"][0]["namespace"]
            project = self.client.project(namespace, context)
            if project is None:
                raise ValueError(f"there is no project {namespace!r} in Harbor: create it before its robot")
            query = {"q": f"Level=project,ProjectID={project['project_id']}"}
        found = self.client.listed(self.collection, context, **query)
        prefix = self._prefix(context) if found else ""
        return {f"/robots/{each['id']}": {**each, "name": _short(each["name"], inputs, prefix)} for each in found}

    def body(self, inputs: Properties) -> Properties:
        """Return the inputs as Harbor's attributes."""
        permissions = [
            {"kind": each["kind"], "namespace": each["namespace"], "access": [_filled(access) for access in each["accesses"]]}
            for each in inputs["permissions"]
        ]
        names = ("name", "level", "description", "disable", "duration")
        return {**_filled({name: inputs.get(name) for name in names}), "permissions": permissions}

    def complete(self, context: Context, identity: str, inputs: Properties, made: Properties) -> Properties:
        """Set the secret, which a creation does not take; of a robot whose creation went unanswered, make another one."""
        if inputs.get("secret"):
            self.client.call("patch", identity, {"secret": inputs["secret"]}, context=context)
        elif not made.get("secret"):
            return dict(self.client.call("patch", identity, {"secret": ""}, context=context))
        return {}

    def without_rest(self, inputs: Properties) -> Properties:
        """Return the inputs without the secret."""
        return {name: value for name, value in inputs.items() if name != "secret"}

    def change(self, context: Context, old: State, inputs: Properties) -> None:
        """Send the whole object under the name that Harbor gave it, and a new secret for itself."""
        full_name = self.client.call("get", old.id, context=context)["name"]
        self.client.call("put", old.id, {**self.body(inputs), "name": full_name}, context=context)
        secret = inputs.get("secret")
        if secret and secret != (old.inputs or {}).get("secret"):
            self.client.call("patch", old.id, {"secret": secret}, context=context)

    def shown(self, context: Context, found: Any, inputs: Properties) -> Properties:
        """Return Harbor's description as inputs and outputs. That an access is allowed is said only where the inputs say it."""
        stated = {
            (each["kind"], each["namespace"], access["resource"], access["action"]): access.get("effect")
            for each in inputs.get("permissions") or []
            for access in each["accesses"]
        }
        permissions = [
            {
                **{"kind": each["kind"], "namespace": each["namespace"]},
                "accesses": [
                    _access(access, stated.get((each["kind"], each["namespace"], access["resource"], access["action"])))
                    for access in each.get("access") or []
                ],
            }
            for each in found.get("permissions") or []
        ]
        level = {"level": found["level"], "permissions": permissions}
        return {
            **level,
            "name": _short(found["name"], level, self._prefix(context) if found["level"] == "system" else ""),
            "fullName": found["name"],
            "robotId": str(found["id"]),
            "description": found.get("description") or "",
            "duration": found.get("duration"),
            "disable": bool(found.get("disable")),
            "permissions": _sorted(permissions),
        }

    def _prefix(self, context: Context) -> str:
        """Return what the names of robots begin with, which only administrators may ask."""
        if self.client.robot_prefix:
            return self.client.robot_prefix
        try:
            return str(self.client.call("get", "/configurations", context=context)["robot_name_prefix"]["value"])
        except RefusedError as error:
            hint = ", or tell the provider what robots' names begin with: `robotPrefix`" if error.status == 403 else ""
            raise RefusedError(f"{error}{hint}", error.status) from None


def _short(full_name: str, inputs: Properties, prefix: str) -> str:
    """Return a robot's name without what Harbor put before it: `robot$`, or `robot$<project>+`."""
    if inputs["level"] == "project":
        return full_name.partition(inputs["permissions"][0]["namespace"] + "+")[2]
    return full_name.removeprefix(prefix)


def _access(found: Properties, stated: str | None) -> Properties:
    effect = stated or (found.get("effect") if found.get("effect") != "allow" else None)
    return _filled({"resource": found["resource"], "action": found["action"], "effect": effect})


def _filled(values: Properties) -> Properties:
    return {name: value for name, value in values.items() if value}


def _sorted(permissions: Any) -> Any:
    """Return the permissions in one order, each once, and so their accesses."""
    if not isinstance(permissions, list):
        return permissions
    return _as_set([{**each, "accesses": _as_set(each.get("accesses"))} if isinstance(each, dict) else each for each in permissions])


def _as_set(values: Any) -> Any:
    if not isinstance(values, list):
        return values
    keyed = {json.dumps(each, sort_keys=True, default=str): each for each in values}
    return [keyed[key] for key in sorted(keyed)]
