"""Random values keep what the official provider's documentation promises."""

import string
from typing import Any

import bcrypt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.providers.plugin import UNKNOWN, State
from sandbox.providers.random import RandomId, RandomPassword, RandomString, RandomUuid
from tests.unit.sandbox.providers.contexts import context

COUNTS = st.integers(0, 5)


@given(st.integers(20, 60), COUNTS, COUNTS, COUNTS, COUNTS)
def test_minimums_are_kept(length: int, lower: int, upper: int, numeric: int, special: int) -> None:
    inputs = {"length": length, "minLower": lower, "minUpper": upper, "minNumeric": numeric, "minSpecial": special}
    result = RandomString().create(context(), inputs).outputs["result"]
    counts = [sum(character in kind for character in result) for kind in (string.ascii_lowercase, string.ascii_uppercase, string.digits)]
    assert len(result) == length
    assert all(count >= minimum for count, minimum in zip(counts, (lower, upper, numeric), strict=True))
    assert length - sum(counts) >= special


def test_disabled_classes_do_not_occur() -> None:
    inputs = {"length": 200, "special": False, "upper": False, "numeric": False}
    assert set(RandomString().create(context(), inputs).outputs["result"]) <= set(string.ascii_lowercase)


def test_own_special_characters_are_used() -> None:
    inputs = {"length": 50, "lower": False, "upper": False, "numeric": False, "overrideSpecial": "_"}
    assert RandomString().create(context(), inputs).outputs["result"] == "_" * 50


def test_the_old_name_of_numeric_still_counts() -> None:
    assert not set(RandomString().create(context(), {"length": 300, "number": False}).outputs["result"]) & set(string.digits)


@pytest.mark.parametrize(
    "inputs", [{"length": 3, "minLower": 4}, {"length": 0}, {"length": 5, **dict.fromkeys(("lower", "upper", "numeric", "special"), False)}]
)
def test_what_no_string_satisfies_is_refused(inputs: dict[str, Any]) -> None:
    assert RandomString().check(context(), None, inputs)[1]


def test_lengths_that_are_not_known_yet_are_not_refused() -> None:
    assert not RandomString().check(context(), None, {"length": UNKNOWN})[1]


@settings(max_examples=3, deadline=None)
@given(st.integers(1, 100))
def test_a_password_comes_with_its_hash_and_an_id_that_says_nothing(length: int) -> None:
    state = RandomPassword().create(context(), {"length": length})
    password = state.outputs["result"]
    assert bcrypt.checkpw(password.encode()[:72], state.outputs["bcryptHash"].encode())
    assert state.id == "none"


def test_a_preview_draws_nothing() -> None:
    outputs = RandomPassword().create(context(preview=True), {"length": 9}).outputs
    assert (outputs["result"], outputs["bcryptHash"], outputs["minLower"]) == (UNKNOWN, UNKNOWN, 0)


def test_the_notations_of_an_id_agree() -> None:
    state = RandomId().create(context(), {"byteLength": 8, "prefix": "p-"})
    assert int(state.outputs["hex"].removeprefix("p-"), 16) == int(state.outputs["dec"].removeprefix("p-"))
    assert state.outputs["b64Url"] == f"p-{state.id}"


def test_values_are_imported_by_id() -> None:
    made = RandomId().create(context(), {"byteLength": 8, "prefix": "p-"})
    imported = RandomId().read(context(), State(f"p-,{made.id}", {}))
    assert (imported.outputs, imported.inputs) == (made.outputs, {"byteLength": 8, "prefix": "p-"})
    assert RandomPassword().read(context(), State("secret", {})).outputs["result"] == "secret"
    assert RandomUuid().read(context(), State("a-b", {})).outputs["result"] == "a-b"


def test_other_keepers_draw_a_new_value() -> None:
    old = State("none", {"result": "x"}, {"length": 9, "keepers": {"at": "1"}})
    assert RandomPassword().diff(context(), old, {"length": 9, "keepers": {"at": "2"}}).replaces == {"keepers.at"}
    assert not RandomPassword().diff(context(), old, {"length": 9, "keepers": {"at": "1"}}).changes
