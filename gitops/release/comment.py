"""The comment that tells at a commit what its scan found. What comes from outside means nothing to Markdown or GitLab."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gitops.release.reports import Step

MARK = "<!-- slipway scan -->"
SHOWN = 20
LINK = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&'*+,;=%-]{1,500}")
COLUMNS = {
    "id": "Finding",
    "severity": "Severity",
    "package": "Package",
    "version": "Version",
    "fixed": "Fixed in",
    "allowed": "Allowed because",
}


def scan_comment(scan: Step, build: str) -> str:
    """The comment, in Markdown. `build`: URL of the build."""
    found = scan.details.get("findings")
    rows = [each for each in found if isinstance(each, Mapping)][:SHOWN] if isinstance(found, list) else []
    first = scan.summary.splitlines()[0] if scan.summary else ""
    return "\n".join(
        [MARK, f"**Scan** {code(first)}", "", *_table(rows), f"The whole report is an artifact of {_linked('the build', build)}."]
    )


def code(text: str) -> str:
    """A text as a code span, in which GitLab sees no mention, reference or quick action: https://spec.commonmark.org/0.31.2/#code-spans"""
    plain = " ".join("".join(each if each.isprintable() else " " for each in text).split())[:300].replace("|", "\\|").rstrip("\\")
    if not plain:
        return "-"
    fence = "`" * (max(map(len, re.findall("`+", plain)), default=0) + 1)
    return f"{fence} {plain} {fence}" if "`" in plain else f"{fence}{plain}{fence}"


def _table(rows: list[Mapping[str, Any]]) -> Iterator[str]:
    if not rows:
        return
    yield f"| {' | '.join(COLUMNS.values())} |"
    yield f"|{' --- |' * len(COLUMNS)}"
    for row in rows:
        cells = [code(str(row.get(name) or "")) for name in COLUMNS]
        cells[0] = _linked(cells[0], str(row.get("link") or ""))
        yield f"| {' | '.join(cells)} |"
    yield ""


def _linked(text: str, url: str) -> str:
    return f"[{text}](<{url}>)" if LINK.fullmatch(url) else text
