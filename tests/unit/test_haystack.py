"""A search for secrets that cannot find one proves nothing."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.haystack import SHORTEST, Needles, forms, plant

SECRETS = (
    st.text(st.sampled_from(string.printable[:95] + "äß€"), min_size=SHORTEST)
    .filter(lambda text: len(text.strip()) >= SHORTEST)
    .map(str.strip)
)
KEY = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIKTdHXZ0sqLb\nzS5ZxkQ0oAoGCCqGSM49\n-----END EC PRIVATE KEY-----\n"


@given(SECRETS)
def test_a_hidden_secret_is_found_in_every_form(secret: str) -> None:
    needles = Needles({"it": secret})
    assert [way for way, text in plant(secret) if needles.found(text) != ["it"]] == []


@given(SECRETS)
def test_a_text_without_it_is_innocent(secret: str) -> None:
    assert not Needles({"it": secret}).found("-" * 5 + secret[:-1] + "\0" + secret[-1])


def test_each_line_of_a_key_is_found_but_not_its_frame() -> None:
    needles = Needles({"key": KEY})
    assert needles.found("x zS5ZxkQ0oAoGCCqGSM49 y")
    assert [way for way, text in plant(KEY) if not needles.found(text)] == []
    assert not needles.found("-----BEGIN EC PRIVATE KEY-----\nother\n-----END EC PRIVATE KEY-----")


def test_the_place_is_told_and_the_secret_is_not() -> None:
    found = Needles({"token": "glpat-0123456789", "other": "x" * 20}).places([("the log", "a glpat-0123456789 b"), ("Git", "nothing")])
    assert found == ["token in the log"]


def test_a_short_secret_cannot_be_looked_for() -> None:
    with pytest.raises(ValueError, match="too short"):
        forms("admin")
