"""What a plan deletes that holds data, told from Pulumi's own events and its state."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pulumi.automation import EngineEvent
from pulumi.automation.events import StepEventMetadata

from ops.deletions import ROBOT, STATEFUL, deletions, leaving

PROJECT = "gitlab:index/project:Project"


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:dev::slipway::{kind}::{name}"


def step(op: str, kind: str, name: str) -> StepEventMetadata:
    """A step of a preview, as the engine's event log tells it."""
    told = {"op": op, "urn": urn(kind, name), "type": kind, "provider": "", "old": None, "new": None}
    event = EngineEvent.from_json({"sequence": 1, "timestamp": 1, "resourcePreEvent": {"metadata": told, "planning": True}})
    assert event.resource_pre_event is not None
    return event.resource_pre_event.metadata


def held(kind: str, name: str, **more: Any) -> dict[str, Any]:
    """A resource in the state."""
    return {"urn": urn(kind, name), "type": kind, "inputs": {"path": name}, **more}


def test_a_deletion_says_what_the_system_calls_it() -> None:
    there = held(PROJECT, "acme-alice-shop", outputs={"pathWithNamespace": "platform/dev/acme/alice-shop"})
    assert [str(each) for each in deletions([step("delete", PROJECT, "acme-alice-shop")], [there])] == [
        "GitLab project platform/dev/acme/alice-shop"
    ]


def test_what_a_preview_did_not_come_to_is_told_too() -> None:
    both = [held(PROJECT, "a", protect=True), held(PROJECT, "b", protect=True), held(PROJECT, "kept")]
    told = deletions([step("same", PROJECT, "kept"), step("delete", PROJECT, "a")], both)
    assert [each.name for each in told] == ["a", "b"]
    assert all(each.protected for each in told)


def test_a_replacement_deletes_too_and_counts_once() -> None:
    steps = [step(op, PROJECT, "a") for op in ("create-replacement", "replace", "delete-replaced")]
    assert len(deletions(steps, [held(PROJECT, "a")])) == 1


@given(st.sampled_from(["same", "update", "create", "refresh"]), st.sampled_from([*STATEFUL, "kubernetes:core/v1:Namespace"]))
def test_what_stays_and_what_holds_no_data_is_not_told(op: str, kind: str) -> None:
    assert deletions([step(op, kind, "x")], [held(kind, "x")]) == []
    assert bool(deletions([], [held(kind, "x")])) == (kind in STATEFUL)


def test_a_user_who_leaves_is_known_by_the_robot() -> None:
    inputs = {"permissions": [{"namespace": "dev-acme"}]}
    both = [held(ROBOT, "pull-bob") | {"inputs": inputs}, held(ROBOT, "push-acme") | {"inputs": inputs}]
    assert leaving([], both) == {"bob": "dev-acme"}
    assert leaving([step("create-replacement", ROBOT, "pull-bob")], both) == {}, "renewed"
