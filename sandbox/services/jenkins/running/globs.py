"""Patterns of files as Ant has them: https://ant.apache.org/manual/dirtasks.html#patterns."""

import re
from collections.abc import Iterable

DEFAULT_EXCLUDES = (
    "**/*~,**/#*#,**/.#*,**/%*%,**/._*,**/CVS,**/CVS/**,**/.cvsignore,**/SCCS,**/SCCS/**,**/vssver.scc,**/.svn,**/.svn/**,**/.DS_Store,"
    "**/.git,**/.git/**,**/.gitattributes,**/.gitignore,**/.gitmodules,**/.hg,**/.hg/**,**/.hgignore,**/.hgsub,**/.hgsubstate,**/.hgtags,"
    "**/.bzr,**/.bzr/**,**/.bzrignore"
)


def select(paths: Iterable[str], includes: str, excludes: str = "", *, defaults: bool = True, case: bool = True) -> list[str]:
    """Return those relative paths that fit a list of patterns, and none of the excluded ones."""
    wanted = compiled(includes or "**", case)
    unwanted = [*compiled(excludes, case), *(compiled(DEFAULT_EXCLUDES, case) if defaults else [])]
    found = [path for path in paths if any(each.fullmatch(path) for each in wanted)]
    return sorted(path for path in found if not any(each.fullmatch(path) for each in unwanted))


def compiled(patterns: str, case: bool = True) -> list[re.Pattern[str]]:
    """Return the patterns of a list with commas."""
    flags = re.DOTALL | (0 if case else re.IGNORECASE)
    return [re.compile(_expression(each.strip().removeprefix("./")), flags) for each in patterns.split(",") if each.strip()]


def _expression(pattern: str) -> str:
    whole = f"{pattern}**" if pattern.endswith("/") else pattern
    parts = []
    names = whole.split("/")
    for number, name in enumerate(names):
        last = number == len(names) - 1
        if name == "**":
            parts.append(".*" if last else "(?:[^/]+/)*")
        else:
            text = "".join({"*": "[^/]*", "?": "[^/]"}.get(letter, re.escape(letter)) for letter in name)
            # `a/**` fits `a` too.
            ends = not last and names[number + 1 :] == ["**"]
            parts.append(text + ("" if last else "(?:/|$)" if ends else "/"))
    return "".join(parts)
