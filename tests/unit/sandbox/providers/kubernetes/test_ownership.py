"""Drift shows against what the program declared; what the server or other managers add does not."""

import json
from base64 import b64encode
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sandbox.providers.kubernetes.ownership import essence, imported_inputs, manager_of, owned_fields, owns, pruned, refreshed_inputs

JSON = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=3), lambda inner: st.dictionaries(st.text(max_size=2), inner, max_size=3)
)
MANAGER = "pulumi-kubernetes-web-01234567"


def live(fields: dict[str, Any], manager: str = MANAGER, **parts: Any) -> dict[str, Any]:
    entries = [
        {"manager": "kubelet", "operation": "Update", "fieldsV1": {"f:status": {}}, "subresource": "status"},
        {"manager": manager, "operation": "Apply", "fieldsV1": fields},
    ]
    metadata = {"name": "web", "namespace": "n", "uid": "u", "resourceVersion": "7", "managedFields": entries, **parts.pop("metadata", {})}
    return {"apiVersion": "v1", "kind": "Thing", "metadata": metadata, "status": {"x": 1}, **parts}


@given(JSON)
def test_an_object_as_it_was_declared_shows_no_drift(declared: Any) -> None:
    assert pruned(declared, declared) == declared


@given(st.dictionaries(st.text(max_size=2), JSON, max_size=3), st.dictionaries(st.text(min_size=3, max_size=4), JSON, max_size=3))
def test_added_fields_show_no_drift(declared: dict[str, Any], added: dict[str, Any]) -> None:
    assert pruned({**declared, **added}, declared) == declared


def test_changed_and_removed_fields_show() -> None:
    assert pruned({"a": 2, "d": 4}, {"a": 1, "b": 3}) == {"a": 2}


def test_a_container_inserted_by_another_manager_shifts_nothing() -> None:
    declared = [{"name": "app", "image": "a"}]
    assert pruned([{"name": "sidecar", "image": "s"}, {"name": "app", "image": "a", "tty": False}], declared) == declared


def test_an_added_list_element_without_a_name_shows() -> None:
    assert pruned(["a", "b"], ["a"]) == ["a", "b"]


def test_secret_text_is_compared_as_text() -> None:
    declared = {"kind": "Secret", "stringData": {"same": "x", "other": "y", "gone": "z"}}
    data = {"same": b64encode(b"x").decode(), "other": b64encode(b"changed").decode()}
    assert refreshed_inputs({"kind": "Secret", "data": data}, declared)["stringData"] == {"same": "x", "other": "changed"}


def test_an_import_takes_what_pulumi_applied() -> None:
    fields = {
        "f:metadata": {"f:labels": {".": {}, "f:a": {}}},
        "f:spec": {
            "f:ports": {'k:{"port":80,"protocol":"TCP"}': {".": {}, "f:port": {}}},
            "f:tags": {'v:"x"': {}},
            "f:selector": {},
        },
    }
    spec = {"ports": [{"port": 80, "protocol": "TCP"}, {"port": 81}], "tags": ["x", "y"], "selector": {"app": "a"}, "clusterIP": "10.0.0.1"}
    found = imported_inputs(live(fields, spec=spec, metadata={"labels": {"a": "1", "b": "2"}}))
    assert found == {
        "apiVersion": "v1",
        "kind": "Thing",
        "metadata": {"name": "web", "namespace": "n", "labels": {"a": "1"}},
        "spec": {"ports": [{"port": 80}], "tags": ["x"], "selector": {"app": "a"}},
    }


def test_an_import_of_somebody_elses_object_takes_all_that_can_be_written() -> None:
    found = imported_inputs(live({"f:spec": {}}, manager="kubectl", spec={"a": 1}))
    assert found == {"apiVersion": "v1", "kind": "Thing", "metadata": {"name": "web", "namespace": "n"}, "spec": {"a": 1}}


def test_the_version_of_an_object_is_not_its_essence() -> None:
    before = live({"f:spec": {}}, spec={"a": 1})
    after = json.loads(json.dumps(before)) | {"metadata": {**before["metadata"], "resourceVersion": "8"}}
    assert essence(before, MANAGER) == essence(after, MANAGER)
    assert essence(before, MANAGER) != essence({**after, "spec": {"a": 2}}, MANAGER)


def test_owned_fields_are_found_by_path() -> None:
    fields = owned_fields(live({"f:spec": {"f:replicas": {}}}), MANAGER)
    assert owns(fields, ("spec", "replicas"))
    assert not owns(fields, ("spec", "paused"))
    assert owned_fields(live({}), "other") == {}


def test_two_resources_have_two_managers() -> None:
    urn = "urn:pulumi:dev::slipway::kubernetes:core/v1:ConfigMap::web"
    assert manager_of(urn) == manager_of(urn) != manager_of(urn.replace("dev", "prod"))
    assert manager_of(urn).startswith("pulumi-kubernetes-web-")
