"""The comment on a scan: whatever a report says is shown, and nothing of it is obeyed."""

import re

from hypothesis import given
from hypothesis import strategies as st

from gitops.release.comment import MARK, code, scan_comment
from gitops.release.reports import Step

HOSTILE = st.text(alphabet=st.sampled_from(list("`|\\/@#!<>[]()*_~\n\r\t a1merge")), max_size=60) | st.text(max_size=60)


def spans(text: str) -> list[str]:
    """The code spans of a line, as CommonMark reads them."""
    found, place = [], 0
    while opened := re.compile("`+").search(text, place):
        closed = re.compile(rf"(?<!`){opened[0]}(?!`)").search(text, opened.end())
        assert closed, f"no end for {opened[0]!r} in {text!r}"
        found.append(text[opened.end() : closed.start()])
        place = closed.end()
    return found


@given(HOSTILE)
def test_a_text_is_one_code_span_whatever_is_in_it(text: str) -> None:
    made = code(text)
    assert "\n" not in made
    if made != "-":
        assert len(spans(made)) == 1
        assert re.fullmatch(r"(`+)(?!`).*(?<!`)\1", made)
    assert not re.search(r"(?<!\\)\|", made), "a cell stays a cell"


@given(st.fixed_dictionaries(dict.fromkeys(("id", "severity", "package", "version", "fixed", "link", "allowed"), HOSTILE)), HOSTILE)
def test_a_row_stays_a_row(finding: dict[str, str], summary: str) -> None:
    text = scan_comment(Step(step="scan", summary=summary, details={"findings": [finding]}), "http://jenkins.test/job/1/")
    lines = text.splitlines()
    assert lines[0] == MARK
    assert lines[1].startswith("**Scan** ")
    (row,) = [line for line in lines[5:] if line.startswith("|")]
    assert len(re.findall(r"(?<!\\)\|", row)) == 7
    assert not [line for line in lines if line.startswith("/")], "no quick action"


def test_links_are_only_what_links_are() -> None:
    rows = [
        {"id": "CVE-1", "link": link}
        for link in ("https://x.test/CVE-1", "javascript:alert(1)", "https://x.test/)<b>", "https://x.test/ x")
    ]
    text = scan_comment(Step(step="scan", summary="x", details={"findings": rows}), "javascript:1")
    assert re.findall(r"\]\(<([^>]*)>\)", text) == ["https://x.test/CVE-1"]


def test_findings_that_have_another_form_are_left_out() -> None:
    for findings in (None, "x", [1, "x", None], {"a": 1}):
        assert "| Finding" not in scan_comment(Step(step="scan", details={"findings": findings}), "")
