from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops.release.errors import RefusedError
from gitops.release.facts import Facts, moment

GOOD: dict[str, Any] = {
    "image": "registry.example.com:5000/acme/shop",
    "tag": "v1.2.3",
    "digest": "sha256:" + "a" * 64,
    "host": "shop.example.com",
    "port": 8080,
    "framework": "flask",
    "source": "0123abc",
    "build": "https://ci.example.com/job/shop/17/",
    "built_at": "2026-01-31T12:00:00.5+01:00",
    "author": "Ann Example <ann@example.com>",
}


def test_good_facts_pass() -> None:
    Facts(**GOOD).check()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("image", "Registry/Shop:v1"),
        ("image", "a b"),
        ("image", "$(id)"),
        ("image", ""),
        ("tag", "v1\n"),
        ("tag", "{{ .Values.secret }}"),
        ("tag", "a: b"),
        ("tag", "x" * 129),
        ("tag", "../../etc"),
        ("digest", "sha256:abc"),
        ("host", "shop"),
        ("host", "Shop.example.com"),
        ("host", "a.b\nkind: Secret"),
        ("host", "*.example.com"),
        ("port", 0),
        ("port", 65536),
        ("framework", "flask; rm"),
        ("source", "main"),
        ("build", "javascript:alert(1)"),
        ("build", "https://user:secret@ci.example.com/"),
        ("build", "https://ci.example.com/\nRelease-Version: v9"),
        ("built_at", "yesterday"),
        ("built_at", "2026-01-31T12:00:00"),
        ("author", "Ann\nRelease-Version: v9 <a@b>"),
        ("author", "Ann"),
    ],
)
def test_a_bad_fact_is_named(name: str, value: Any) -> None:
    with pytest.raises(RefusedError) as refused:
        Facts(**{**GOOD, name: value}).check()
    [_, problem] = refused.value.message.splitlines()
    assert f"--{name.replace('_', '-')} is " in problem
    assert "; expected " in problem
    assert "secret@" not in problem


def test_all_problems_are_named_at_once() -> None:
    with pytest.raises(RefusedError) as refused:
        Facts(image="", tag="", host="", port=0).check()
    assert len(refused.value.message.splitlines()) == 5


@given(st.text())
def test_no_text_is_a_tag_that_breaks_a_line(text: str) -> None:
    try:
        Facts(image="a/b", tag=text).check()
    except RefusedError:
        return
    assert text.isascii()
    assert text.split() == [text]


def test_moments_are_compared_across_zones() -> None:
    early, late = moment("2026-01-31T12:00:00+01:00"), moment("2026-01-31T11:30:00Z")
    assert early
    assert late
    assert early < late
    assert moment("2026-01-31") is None
