"""What happens to an object, and what the user reads when it cannot happen."""

from typing import Any

import pytest

from sandbox.providers.kubernetes.api import PATIENCE
from sandbox.providers.kubernetes.apply import RefusedError
from sandbox.providers.kubernetes.resource import KubernetesObject
from sandbox.providers.kubernetes.transport import ApiError, UnreachableError
from sandbox.providers.plugin import UNKNOWN, Context, PartialError, State
from tests.unit.sandbox.providers.kubernetes.cluster import Cluster, Messages, conflict

PATH = "/api/v1/namespaces/apps/configmaps/settings"


def resource(cluster: Cluster, kind: str = "ConfigMap") -> KubernetesObject:
    return KubernetesObject(cluster, "v1", kind)


def context(*, preview: bool = False, ignore: tuple[str, ...] = ()) -> Context:
    return Context("urn:pulumi:dev::slipway::kubernetes:core/v1:ConfigMap::settings", 1, preview, ignore, Messages())


def shown(context: Context) -> list[str]:
    assert isinstance(context.log, Messages)
    return context.log.shown


def config_map(**data: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "apps"}, "data": data}


def test_an_object_is_created_with_a_manager_of_its_own_and_its_server_side_noise_stays_out() -> None:
    cluster = Cluster()
    state = resource(cluster).create(context(), config_map(a="b"))
    assert state.id == "apps/settings"
    assert "managedFields" not in state.outputs["metadata"]
    assert cluster.requests[-1][2]["fieldManager"].startswith("pulumi-kubernetes-settings-")


def test_an_object_that_exists_is_not_taken_over_unless_the_provider_says_so() -> None:
    cluster = Cluster()
    cluster.objects[PATH] = config_map()
    with pytest.raises(RefusedError, match=r"ConfigMap apps/settings exists already.*pulumi import.*upsertExistingObjects"):
        resource(cluster).create(context(), config_map(a="b"))
    upserting = Cluster(upsert=True)
    upserting.objects[PATH] = config_map()
    assert resource(upserting).create(context(), config_map(a="b")).outputs["data"] == {"a": "b"}


def test_namespaced_objects_get_the_providers_namespace_and_others_none() -> None:
    cluster = Cluster(namespace="apps")
    inputs, _ = resource(cluster).check(context(), None, {"metadata": {"name": "settings"}})
    assert inputs["metadata"]["namespace"] == "apps"
    inputs, _ = resource(cluster, "Namespace").check(context(), None, {"metadata": {"name": "apps"}})
    assert "namespace" not in inputs["metadata"]


@pytest.mark.parametrize(
    ("kind", "inputs", "path"),
    [
        ("ConfigMapList", {"items": []}, "kind"),
        ("ConfigMap", {"metadata": {"generateName": "a-"}}, "metadata.generateName"),
        ("ConfigMap", {"metadata": {"annotations": {"pulumi.com/waitFor": "soon"}}}, 'metadata.annotations["pulumi.com/waitFor"]'),
        (
            "ConfigMap",
            {"metadata": {"annotations": {"pulumi.com/timeoutSeconds": "1m"}}},
            'metadata.annotations["pulumi.com/timeoutSeconds"]',
        ),
    ],
)
def test_what_is_not_covered_is_refused_before_anything_is_sent(kind: str, inputs: dict[str, Any], path: str) -> None:
    cluster = Cluster()
    _, failures = resource(cluster, kind).check(context(), None, inputs)
    assert [failure.property for failure in failures] == [path]
    assert cluster.requests == []


def test_a_preview_changes_nothing_and_leaves_open_what_the_server_will_give() -> None:
    cluster = Cluster()
    state = resource(cluster).create(context(preview=True), config_map(a="b"))
    assert state.outputs["data"] == {"a": "b"}
    assert state.outputs["metadata"]["uid"] is UNKNOWN
    assert cluster.objects == {}


@pytest.mark.parametrize(
    "refusal",
    [
        ApiError(404, "NotFound", 'namespaces "apps" not found', {"kind": "namespaces"}),
        ApiError(403, "Forbidden", "may not patch", {}),
        ApiError(422, "Invalid", "spec.selector: field is immutable", {}),
    ],
)
def test_a_preview_that_the_server_cannot_answer_shows_the_inputs(refusal: ApiError) -> None:
    cluster = Cluster()
    cluster.refusals = [refusal]
    assert resource(cluster).create(context(preview=True), config_map(a="b")).outputs == config_map(a="b")


def test_a_preview_with_values_to_come_asks_nothing() -> None:
    cluster = Cluster()
    assert resource(cluster).create(context(preview=True), config_map(a=UNKNOWN)).outputs == config_map(a=UNKNOWN)
    assert cluster.requests == []


def test_a_preview_refuses_what_the_server_refuses() -> None:
    cluster = Cluster()
    cluster.refusals = [ApiError(422, "Invalid", "data[a b]: a valid key must consist of", {})]
    with pytest.raises(RefusedError, match="ConfigMap apps/settings is refused by the API server: data"):
        resource(cluster).create(context(preview=True), config_map())


def test_a_conflict_names_the_field_its_owner_and_the_ways_out() -> None:
    cluster = Cluster()
    cluster.refusals = [conflict("argocd-controller", ".data.a")]
    with pytest.raises(RefusedError, match=r"data\.a \(conflict with \"argocd-controller\"\).*ignore_changes.*patchForce"):
        resource(cluster).update(context(), State("apps/settings", {}, config_map()), config_map(a="b"))


@pytest.mark.parametrize("manager", ["kubectl-edit", "kubectl-client-side-apply", "before-first-apply"])
def test_an_edit_by_hand_is_reverted(manager: str) -> None:
    cluster = Cluster()
    cluster.refusals = [conflict(manager, ".data.a")]
    resource(cluster).update(context(), State("apps/settings", {}, config_map()), config_map(a="b"))
    assert cluster.requests[-1][2]["force"] == "true"


def test_another_resource_of_pulumis_is_no_edit_by_hand() -> None:
    cluster = Cluster()
    cluster.refusals = [conflict("pulumi-kubernetes-other-01234567", ".data.a")]
    with pytest.raises(RefusedError, match="pulumi-kubernetes-other"):
        resource(cluster).update(context(), State("apps/settings", {}, config_map()), config_map(a="b"))


def test_the_annotation_takes_fields_over() -> None:
    cluster = Cluster()
    inputs = config_map(a="b")
    inputs["metadata"]["annotations"] = {"pulumi.com/patchForce": "true", "pulumi.com/patchFieldManager": "mine"}
    resource(cluster).create(context(), inputs)
    assert (cluster.requests[-1][2]["force"], cluster.requests[-1][2]["fieldManager"]) == ("true", "mine")


def test_a_refused_secret_is_not_quoted() -> None:
    cluster = Cluster()
    cluster.refusals = [ApiError(500, "", "failed to create typed patch object: expected string, got Value:987654321", {})]
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "apps"}, "stringData": {"k": 987654321}}
    with pytest.raises(RefusedError) as caught:
        resource(cluster, "Secret").update(context(), State("apps/s", {}, secret), secret)
    assert "987654321" not in str(caught.value)
    assert "[secret]" in str(caught.value)


def test_a_busy_server_is_tried_again_in_the_open() -> None:
    cluster = Cluster()
    cluster.refusals = [ApiError(503, "ServiceUnavailable", "etcd has no leader", {})]
    here = context()
    assert resource(cluster).create(here, config_map()).id == "apps/settings"
    assert any("trying again" in message and "etcd has no leader" in message for message in shown(here))


def test_a_changed_value_is_a_difference_and_an_ignored_one_is_not() -> None:
    cluster = Cluster()
    old = State("apps/settings", {}, config_map(a="b"))
    assert resource(cluster).diff(context(), old, config_map(a="c")).changes == {"data.a": "update"}
    assert resource(cluster).diff(context(ignore=("data",)), old, config_map(a="c")).changes == {}


def test_a_value_that_the_server_writes_otherwise_is_no_difference() -> None:
    cluster = Cluster(mutable=frozenset({"ConfigMap"}))
    resource(cluster).create(context(), config_map(a="c"))
    assert resource(cluster).diff(context(), State("apps/settings", {}, config_map(a="b")), config_map(a="c")).changes == {}


def test_a_fixed_name_is_deleted_before_it_is_replaced() -> None:
    diff = resource(Cluster()).diff(context(), State("apps/settings", {}, config_map(a="b")), config_map(a="c"))
    assert diff.replaces == {"data.a"}
    assert diff.delete_before_replace


def test_a_refresh_shows_drift_and_an_absent_object() -> None:
    cluster = Cluster()
    state = resource(cluster).create(context(), config_map(a="b"))
    cluster.objects[PATH]["data"] = {"a": "changed", "added": "x"}
    known = State(state.id, state.outputs, config_map(a="b"))
    read = resource(cluster).read(context(), known)
    assert read is not None
    assert read.inputs == config_map(a="changed")
    cluster.objects.clear()
    assert resource(cluster).read(context(), known) is None


def test_a_deleted_object_may_be_gone_already() -> None:
    cluster = Cluster()
    state = resource(cluster).create(context(), config_map())
    for _ in range(2):
        resource(cluster).delete(context(), State(state.id, state.outputs, config_map()))
    assert cluster.objects == {}


@pytest.mark.parametrize(("annotation", "expected"), [("", "Foreground"), ("background", "Background"), ("orphan", "Orphan")])
def test_the_annotation_says_what_becomes_of_owned_objects(annotation: str, expected: str) -> None:
    cluster = Cluster()
    inputs = config_map()
    inputs["metadata"]["annotations"] = {"pulumi.com/deletionPropagationPolicy": annotation}
    state = resource(cluster).create(context(), inputs)
    resource(cluster).delete(context(), State(state.id, state.outputs, inputs))
    assert [query["propagationPolicy"] for method, _, query in cluster.requests if method == "DELETE"] == [expected]


def test_a_cluster_that_is_gone_is_forgotten_only_on_demand() -> None:
    for forget in (True, False):
        cluster = Cluster(delete_unreachable=forget)
        cluster.given_up = PATIENCE
        cluster.refusals = [UnreachableError("no answer")]
        here = context()
        if forget:
            resource(cluster).delete(here, State("apps/settings", {}, config_map()))
            assert any("without being deleted" in message for message in shown(here))
        else:
            with pytest.raises(UnreachableError, match="deleteUnreachable"):
                resource(cluster).delete(here, State("apps/settings", {}, config_map()))


def test_a_preview_without_a_cluster_does_not_make_the_update_impatient() -> None:
    cluster = Cluster()
    cluster.given_up = 5.0
    cluster.refusals = [UnreachableError("no answer")]
    assert resource(cluster).create(context(), config_map()).id == "apps/settings"
    cluster.given_up = 5.0
    cluster.refusals = [UnreachableError("no answer")]
    previewing = context(preview=True)
    assert resource(cluster).create(previewing, config_map(a="b")).outputs == config_map(a="b")
    assert shown(previewing) == []


def test_what_holds_a_deleted_object_is_named() -> None:
    cluster = Cluster()
    inputs = config_map()
    inputs["metadata"]["finalizers"] = ["slipway.test/hold"]
    state = resource(cluster).create(context(), inputs)
    interrupted = context()
    interrupted.cancelled.set()
    with pytest.raises(TimeoutError, match=r"held by the finalizers slipway.test/hold. See `kubectl -n apps describe configmap/settings`"):
        resource(cluster).delete(interrupted, State(state.id, state.outputs, inputs))


def test_an_object_that_does_not_become_ready_is_kept_in_the_state_with_the_reason() -> None:
    cluster = Cluster()
    cluster.phase = "Pending"
    interrupted = context()
    interrupted.cancelled.set()
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "apps"}}
    with pytest.raises(PartialError, match=r"Namespace apps is not ready after 0 s: its phase is Pending\. See `kubectl") as caught:
        resource(cluster, "Namespace").create(interrupted, namespace)
    assert caught.value.state.id == "apps"


def test_waiting_can_be_left_out() -> None:
    cluster = Cluster()
    cluster.phase = "Pending"
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "apps", "annotations": {"pulumi.com/skipAwait": "true"}}}
    assert resource(cluster, "Namespace").create(context(), namespace).id == "apps"
