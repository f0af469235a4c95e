"""What is written never holds a secret, however it comes."""

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.services.jenkins.running.masks import LONGEST_PENDING, STARS, Masks, Stream

LETTERS = st.characters(exclude_characters="*\r\n", exclude_categories=["Cs"])
SECRETS = st.lists(st.text(LETTERS, min_size=1, max_size=12), min_size=1, max_size=4)
TEXTS = st.text(st.sampled_from("ab'\"$ \n%=x1"), max_size=60)


def masks(*secrets: str) -> Masks:
    """Masks of these."""
    made = Masks()
    made.add(*secrets)
    return made


@given(SECRETS, st.data())
def test_no_secret_is_written_in_whatever_pieces_it_comes(secrets: list[str], data: st.DataObject) -> None:
    parts = data.draw(st.lists(st.one_of(st.sampled_from(secrets), TEXTS), max_size=8))
    text, hidden = "".join(parts), masks(*secrets)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    stream = Stream(hidden)
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    written = "".join(stream.feed(piece) for piece in pieces) + stream.end()
    assert written == hidden.hide(text)
    assert not [secret for secret in secrets if secret in written]


@given(SECRETS, st.data())
def test_a_long_line_is_cut_where_no_secret_is(secrets: list[str], data: st.DataObject) -> None:
    text = "".join(data.draw(st.lists(st.one_of(st.sampled_from(secrets), TEXTS), max_size=8)))
    hidden = masks(*secrets)
    begun, rest = hidden.split(text)
    more = data.draw(st.one_of(st.sampled_from(secrets), TEXTS))
    assert begun + hidden.hide(rest + more) == hidden.hide(text + more)


@given(st.text(LETTERS, min_size=6, max_size=20), st.text("abc", max_size=5), st.text("abc", max_size=5))
def test_a_secret_within_an_encoded_text(secret: str, before: str, after: str) -> None:
    encoded = base64.b64encode(f"{before}{secret}{after}".encode()).decode()
    shown = masks(secret).hide(encoded)
    size = len(secret.encode())
    assert STARS in shown
    assert len(shown.replace(STARS, "")) <= len(encoded) - (size * 8 // 6 - 2)


@pytest.mark.parametrize("form", [
    "it's $ecret", "it%27s%20%24ecret", "it%27s+%24ecret", quote("it's $ecret"), "it'\\''s $ecret", "it'\"'\"'s $ecret",
    "it\\'s\\ \\$ecret", "it's \\$ecret", base64.b64encode(b"it's $ecret").decode(),
])  # fmt: skip
def test_forms_of_a_secret(form: str) -> None:
    assert masks("it's $ecret").hide(f"<{form}>") == f"<{STARS}>"


def test_each_line_of_a_secret_of_several() -> None:
    hidden = masks("-----BEGIN\n  abcdef\r\n}\n")
    assert hidden.hide("x abcdef y -----BEGIN } ") == f"x {STARS} y {STARS} }} "
    assert masks("token\n").hide("a token") == f"a {STARS}"
    assert masks("ab\ncd").hide("cd") == STARS


def test_the_longest_goes_first() -> None:
    assert masks("abc", "abcdef").hide("abcdef abc") == f"{STARS} {STARS}"


def test_a_line_that_never_ends_is_written_all_the_same() -> None:
    stream = Stream(masks("secret"))
    written = stream.feed("x" * LONGEST_PENDING + "sec")
    assert len(written) > LONGEST_PENDING - 10
    assert (written + stream.feed("ret\n")).endswith(f"x{STARS}\n")


def test_nothing_is_masked_without_secrets() -> None:
    assert masks("").hide("text") == "text"
