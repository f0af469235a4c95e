"""Which branches and labels a GitLab trigger takes: https://github.com/jenkinsci/gitlab-plugin"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

PLACEHOLDER = re.compile(r"\?|\*|\{((?:\{[^/]+?\}|[^/{}]|\\[{}])+?)\}")


def branch_allowed(trigger: Mapping[str, Any], source: str | None, target: str | None) -> bool:
    """Tell whether the trigger's filter takes a hook for these branches."""
    kind = trigger.get("branchFilterType")
    if kind == "NameBasedFilter":
        return _by_name(_names(trigger.get("includeBranchesSpec")), _names(trigger.get("excludeBranchesSpec")), target)
    if kind == "RegexBasedFilter":
        return _matches(trigger.get("sourceBranchRegex"), source) and (not target or _matches(trigger.get("targetBranchRegex"), target))
    return True


def labels_allowed(config: Any, labels: Iterable[str]) -> bool:
    """Tell whether a trigger's filter of labels (`include`, `exclude`) takes a merge request with these labels."""
    known = config if isinstance(config, Mapping) else {}
    given, include, exclude = set(labels), set(_names(known.get("include"))), set(_names(known.get("exclude")))
    return not given & exclude and (not include or bool(given & include))


def _by_name(include: list[str], exclude: list[str], target: str | None) -> bool:
    if not include and not exclude:
        return True
    if target is None:
        return not include
    return not any(ant_match(each, target) for each in exclude) and (not include or any(ant_match(each, target) for each in include))


def _names(spec: Any) -> list[str]:
    return [each.strip() for each in str(spec or "").split(",") if each]


def _matches(pattern: Any, text: str | None) -> bool:
    return not pattern or (text is not None and re.fullmatch(str(pattern), text) is not None)


def ant_match(pattern: str, path: str) -> bool:
    """Tell whether `path` fits an Ant pattern, as Spring's AntPathMatcher does: `?`, `*` within a part, `**` for any parts."""
    if pattern.startswith("/") != path.startswith("/"):
        return False
    patterns, parts = tuple(filter(None, pattern.split("/"))), tuple(filter(None, path.split("/")))
    if "**" not in patterns and pattern.endswith("/") != path.endswith("/"):
        return False

    @cache
    def fits(at: int, part: int) -> bool:
        if at == len(patterns):
            return part == len(parts)
        if patterns[at] == "**":
            return fits(at + 1, part) or (part < len(parts) and fits(at, part + 1))
        return part < len(parts) and _part_fits(patterns[at], parts[part]) and fits(at + 1, part + 1)

    return fits(0, 0)


def _part_fits(pattern: str, part: str) -> bool:
    expression, done = "", 0
    for found in PLACEHOLDER.finditer(pattern):
        expression += re.escape(pattern[done : found.start()]) + _expression(found)
        done = found.end()
    return re.fullmatch(expression + re.escape(pattern[done:]), part, re.DOTALL) is not None


def _expression(found: re.Match[str]) -> str:
    if found.group() == "?":
        return "."
    own = (found.group(1) or "").partition(":")[2]
    return f"({own})" if own else ".*"
