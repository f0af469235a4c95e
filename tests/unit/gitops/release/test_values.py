import string
from itertools import pairwise
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gitops.release import values
from gitops.release.errors import RefusedError

WRITTEN = """\
# Ours since 2024.
image:
  repository: registry.example.com/acme/shop # the mirror
  tag: 'v1.0.0'   # by the pipeline

host: shop.example.com
env:
    MODE: "production"

  # a comment of nobody
ingress:
  extraHosts:
    - www.example.com   # for marketing
    - example.com
port: 8080
enabled: yes
mode: 0o644
"""
TAG = ("image", "tag")

keys = st.text(string.ascii_letters, min_size=1, max_size=6)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)
scalars = st.one_of(texts, st.integers(), st.booleans(), st.none())
trees = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=10)
mappings = st.dictionaries(keys.filter(lambda key: key != "image"), trees, max_size=5)
tags = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True)


def test_only_the_lines_of_the_fields_change() -> None:
    edited = values.edit(WRITTEN, "values.yaml", {TAG: "v1.10.0", ("port",): 9000})
    before, after = WRITTEN.splitlines(), edited.splitlines()
    assert len(before) == len(after)
    changed = [new for old, new in zip(before, after, strict=True) if old != new and old.split() != new.split()]
    assert changed == ['  tag: "v1.10.0"  # by the pipeline', "port: 9000"]


def test_the_same_values_are_the_same_text() -> None:
    assert values.edit(WRITTEN, "values.yaml", {TAG: "v1.0.0", ("port",): 8080, ("image", "digest"): None}) is WRITTEN


@given(mappings, tags)
def test_the_users_own_values_stay(own: dict[str, Any], tag: str) -> None:
    text = yaml.safe_dump(own | {"image": {"tag": "old"}}, allow_unicode=True)
    edited = values.edit(text, "values.yaml", {TAG: tag})
    assert yaml.safe_load(edited) == own | {"image": {"tag": tag}}


@given(tags)
def test_a_tag_is_a_string_for_every_reader(tag: str) -> None:
    assert yaml.safe_load(values.edit("", "values.yaml", {TAG: tag})) == {"image": {"tag": tag}}


def test_a_field_is_taken_out() -> None:
    edited = values.edit("image: {tag: a, digest: b}\n", "values.yaml", {("image", "digest"): None})
    assert yaml.safe_load(edited) == {"image": {"tag": "a"}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [", "is not valid YAML"),
        ("a: 1\na: 2\n", "is not valid YAML"),
        ("a: 1\n---\nb: 2\n", "is not valid YAML"),
        ("- a\n", "holds no mapping"),
        ("text", "holds no mapping"),
        ("a: !!python/object:os.system {}\n--- [", "is not valid YAML"),
        ("a: \x07\n", "is not valid YAML"),
        ("[" * 5000, "is not valid YAML"),
        ("image: text\n", "`image` is no mapping"),
        ("image: [1]\n", "`image` is no mapping"),
    ],
)
def test_what_is_no_values_file_is_refused_with_its_name(text: str, expected: str) -> None:
    with pytest.raises(RefusedError, match=r"apps/a/b/c/values\.yaml") as refused:
        values.edit(text, "apps/a/b/c/values.yaml", {TAG: "v1"})
    assert expected in refused.value.message


def test_aliases_that_multiply_stay_small() -> None:
    lines = [f"{name}: &{name} [{', '.join([f'*{previous}'] * 8)}]\n" for previous, name in pairwise("abcdefghi")]
    bomb = "a: &a [x, x, x, x, x, x, x, x]\n" + "".join(lines)
    assert len(values.edit(bomb, "values.yaml", {TAG: "v1"})) < len(bomb) + 100
