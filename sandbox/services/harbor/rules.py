"""The form that rules of retention and of immutable tags share."""

from typing import Any

from sandbox.services.harbor.errors import bad_request

DECORATIONS = {"tag": ("matches", "excludes"), "repository": ("repoMatches", "repoExcludes")}


def checked(given: Any, templates: tuple[str, ...]) -> dict[str, Any]:
    """Return the rule in `given`, of one of `templates`, with what is left out; ApiError 400 says what does not fit."""
    if not isinstance(given, dict):
        raise bad_request("a rule is to be an object")
    template = given.get("template") or templates[0]
    if template not in templates:
        raise bad_request(f"rule evaluator {template} is not registered")
    scope = given.get("scope_selectors") or {}
    if not isinstance(scope, dict) or not isinstance(given.get("params") or {}, dict):
        raise bad_request("scope_selectors and params are to be objects")
    tags = _selectors(given.get("tag_selectors"), "tag")
    if not tags or not scope.get("repository"):
        raise bad_request("a rule needs tag_selectors and scope_selectors.repository")
    return {
        "priority": given.get("priority") or 0, "disabled": bool(given.get("disabled")), "action": given.get("action") or "",
        "template": template, "params": given.get("params") or {}, "tag_selectors": tags,
        "scope_selectors": {"repository": _selectors(scope["repository"], "repository")},
    }  # fmt: skip


def _selectors(given: Any, kind: str) -> list[dict[str, Any]]:
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise bad_request(f"the selectors of a {kind} are to be a list of objects")
    for each in given:
        if each.get("decoration") not in DECORATIONS[kind] or not isinstance(each.get("pattern"), str) or not each["pattern"]:
            raise bad_request(f"a selector of a {kind} is {each}, expected a pattern with one of {', '.join(DECORATIONS[kind])}")
    names = ("decoration", "pattern", "extras")
    return [{"kind": each.get("kind") or "doublestar"} | {name: each[name] for name in names if each.get(name)} for each in given]
