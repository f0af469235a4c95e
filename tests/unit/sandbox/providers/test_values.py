"""Values survive the way to the engine and back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.providers.plugin import UNKNOWN, Secret
from sandbox.providers.values import from_json, to_plain, to_struct

SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(SCALARS | st.just(UNKNOWN), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(st.dictionaries(st.text(), VALUES))
def test_a_round_trip_changes_nothing(properties: dict[str, Any]) -> None:
    assert to_plain(to_struct(properties)) == properties


@given(VALUES)
def test_a_secret_is_unwrapped_on_the_way_in(value: Any) -> None:
    assert to_plain(to_struct({"password": [Secret(value)]})) == {"password": [value]}


def test_whole_numbers_arrive_as_int() -> None:
    plain = to_plain(to_struct({"replicas": 3.0, "share": 0.5}))
    assert plain == {"replicas": 3, "share": 0.5}
    assert isinstance(plain["replicas"], int)


def test_a_value_without_counterpart_is_refused_by_its_path() -> None:
    with pytest.raises(TypeError, match=r"spec\.ports\[1\] is a set"):
        to_struct({"spec": {"ports": [1, {2}]}})


def test_a_secret_does_not_show_itself() -> None:
    assert "hunter2" not in repr(Secret("hunter2"))


def test_only_the_named_options_are_parsed() -> None:
    config = {"insecure": "true", "kubeconfig": "{}", "retries": UNKNOWN}
    assert from_json(config, {"insecure", "retries"}) == {"insecure": True, "kubeconfig": "{}", "retries": UNKNOWN}
