"""The order of versions, and the next one."""

from hypothesis import given
from hypothesis import strategies as st

from gitops.release.versions import following, newest, number

NUMBERS = st.tuples(*[st.integers(0, 10**6)] * 3)


def text(numbers: tuple[int, ...]) -> str:
    return "v" + ".".join(map(str, numbers))


@given(st.lists(NUMBERS, min_size=1))
def test_the_newest_is_the_highest_by_number(several: list[tuple[int, int, int]]) -> None:
    assert newest(map(text, several)) == text(max(several))


@given(NUMBERS)
def test_the_next_one_is_a_patch_higher(numbers: tuple[int, int, int]) -> None:
    after = following(text(numbers))
    assert newest([text(numbers), after]) == after
    assert number(after) == (numbers[0], numbers[1], numbers[2] + 1)


@given(st.text())
def test_other_tags_are_no_versions(tag: str) -> None:
    known = number(tag)
    assert known is None or text(known) == tag


def test_ten_is_after_nine() -> None:
    assert newest(["v1.9.0", "v1.10.0", "sha-1", "latest", "v1.2", "v01.2.3", "v2.0.0-rc.1", "v9.9.9$(id)", "v9.9.9\n"]) == "v1.10.0"


def test_the_first_one() -> None:
    assert newest(["latest"]) is None
    assert following(None) == "v0.1.0"
