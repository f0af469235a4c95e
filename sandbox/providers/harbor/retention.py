"""Which tags of a project are kept."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from sandbox.providers.api import RefusedError
from sandbox.providers.harbor.rules import REPOSITORIES, TAGS, OfProject, read_selectors, selectors
from sandbox.providers.plugin import Context, Failure, Properties, State

_SCHEDULES: Final = {"hourly": "0 0 * * * *", "daily": "0 0 0 * * *", "weekly": "0 0 0 * * 0"}
_TEMPLATES: Final = {
    "nDaysSinceLastPull": "nDaysSinceLastPull",
    "nDaysSinceLastPush": "nDaysSinceLastPush",
    "mostRecentlyPulled": "latestPulledN",
    "mostRecentlyPushed": "latestPushedK",
    "alwaysRetain": "always",
}


class RetentionPolicy(OfProject):
    """Which tags of a project are kept. A project has one for good: one that is there is taken over, and deletion takes its rules away."""

    collection: ClassVar = "/retentions"
    form: ClassVar = r"/retentions/\d+"
    owner: ClassVar = "scope"
    in_place: ClassVar = frozenset({"schedule", "rules"})
    covered: ClassVar = in_place | {"scope"}
    nested: ClassVar = {"rules": frozenset({"disabled", "untaggedArtifacts", *_TEMPLATES, *TAGS, *REPOSITORIES})}

    def check(self, context: Context, old: Properties | None, new: Properties) -> tuple[Properties, list[Failure]]:
        """Complete the inputs and their rules."""
        given, failures = super().check(context, old, new)
        if isinstance(rules := given.get("rules"), list):
            completed = [
                {"disabled": False, "untaggedArtifacts": True, **_given(each)} if isinstance(each, dict) else each for each in rules
            ]
            given["rules"] = completed
        return given, failures

    def alike(self, context: Context, inputs: Properties) -> Mapping[str, Any]:
        """Return the project's policy."""
        project = self.client.call("get", inputs["scope"], context=context)
        number = (project.get("metadata") or {}).get("retention_id")
        return {f"/retentions/{number}": {}} if number else {}

    def post(self, context: Context, inputs: Properties, before: Mapping[str, Any]) -> Any:
        """Make the policy, or change the one that is there."""
        for identity in before:
            self.client.call("put", identity, self.body(inputs), context=context)
            return {"location": identity}
        return super().post(context, inputs, before)

    def body(self, inputs: Properties) -> Properties:
        """Return the inputs as Harbor's attributes."""
        return {
            "algorithm": "or",
            "scope": {"level": "project", "ref": int(inputs["scope"].rpartition("/")[2])},
            "trigger": {"kind": "Schedule", "references": {}, "settings": {"cron": _cron(inputs.get("schedule"))}},
            "rules": [_retained(each) for each in inputs["rules"]],
        }

    def shown(self, context: Context, found: Any, inputs: Properties) -> Properties:
        """Return Harbor's description as inputs and outputs. A schedule that has a name is called by it."""
        cron, given = ((found.get("trigger") or {}).get("settings") or {}).get("cron") or "", inputs.get("schedule")
        named = next((name.capitalize() for name, each in _SCHEDULES.items() if each == cron), cron)
        return {
            "scope": f"/projects/{found['scope']['ref']}",
            "schedule": given if given and _cron(given) == cron else named,
            "rules": [_read_retained(each) for each in found.get("rules") or []],
        }

    def delete(self, context: Context, state: State) -> None:
        """Take its rules away, as the official provider does. A policy that is gone with its project is no error."""
        body = {**self.body({"scope": state.outputs["scope"], "rules": []}), "id": int(state.id.rpartition("/")[2])}
        try:
            self.client.call("put", state.id, body, context=context)
        except RefusedError as error:
            if error.status != 404:
                raise


def _retained(rule: Properties) -> Properties:
    """Return one rule as Harbor's attributes: the first of the conditions counts."""
    name = next((name for name in _TEMPLATES if rule.get(name)), None)
    template = _TEMPLATES[name] if name else ""
    selected = selectors(rule)
    selected["tag_selectors"][0]["extras"] = '{"untagged":true}' if rule["untaggedArtifacts"] else '{"untagged":false}'
    params = {template: rule[name]} if name and template != "always" else {}
    return {"disabled": rule["disabled"], "action": "retain", "template": template, "params": params, **selected}


def _read_retained(found: Any) -> Properties:
    names = {template: name for name, template in _TEMPLATES.items()}
    name, params = names.get(found.get("template") or ""), found.get("params") or {}
    value = True if name == "alwaysRetain" else params.get(found.get("template"))
    untagged = any("true" in (each.get("extras") or "") for each in (found.get("tag_selectors") or [])[:1])
    return {
        "disabled": bool(found.get("disabled")),
        "untaggedArtifacts": untagged,
        **({name: value} if name else {}),
        **read_selectors(found),
    }


def _given(rule: Properties) -> Properties:
    return {name: value for name, value in rule.items() if value is not None}


def _cron(schedule: str | None) -> str:
    return _SCHEDULES.get((schedule or "").lower(), schedule or "")
