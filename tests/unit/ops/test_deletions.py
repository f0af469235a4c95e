"""What a plan deletes that holds data, told from Pulumi's own events."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pulumi.automation import EngineEvent, OpType

from ops.deletions import STATEFUL, deletions, leaving

PROJECT = "gitlab:index/project:Project"


def event(op: str, kind: str, name: str, **old: Any) -> EngineEvent:
    """The event before a step, as the engine's event log tells it."""
    state = {"type": kind, "urn": f"urn:pulumi:dev::slipway::{kind}::{name}", "custom": True, "id": "7", "parent": "", "provider": ""}
    held = {"inputs": old.get("inputs", {"path": name}), "outputs": old.get("outputs", {}), "protect": old.get("protect", False)}
    step = {"op": op, "urn": state["urn"], "type": kind, "provider": "", "old": state | held, "new": None}
    return EngineEvent.from_json({"sequence": 1, "timestamp": 1, "resourcePreEvent": {"metadata": step, "planning": True}})


def test_a_deletion_says_what_the_system_calls_it() -> None:
    told = deletions([event("delete", PROJECT, "acme-alice-shop", outputs={"pathWithNamespace": "platform/dev/acme/alice-shop"})])
    assert [str(each) for each in told] == ["GitLab project platform/dev/acme/alice-shop"]


def test_a_replacement_deletes_too_and_counts_once() -> None:
    several = [event(op, PROJECT, "a", protect=True) for op in ("create-replacement", "replace", "delete-replaced")]
    (one,) = deletions(several)
    assert one.protected


@given(st.sampled_from([op.value for op in OpType]), st.sampled_from([*STATEFUL, "kubernetes:core/v1:Namespace"]))
def test_only_what_goes_and_holds_data_is_told(op: str, kind: str) -> None:
    goes = op in {"delete", "delete-replaced", "replace", "discard-replaced"}
    assert bool(deletions([event(op, kind, "x")])) == (goes and kind in STATEFUL)


def test_a_user_who_leaves_is_known_by_the_robot() -> None:
    robot = "harbor:index/robotAccount:RobotAccount"
    inputs = {"permissions": [{"namespace": "dev-acme"}]}
    both = [event("delete", robot, "pull-bob", inputs=inputs), event("delete", robot, "push-acme", inputs=inputs)]
    assert leaving(both) == {"bob": "dev-acme"}
    assert leaving([event("replace", robot, "pull-bob", inputs=inputs)]) == {}, "renewed"
