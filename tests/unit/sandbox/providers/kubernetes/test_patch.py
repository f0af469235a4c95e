"""Fields added to an object of another owner."""

import pytest

from sandbox.providers.kubernetes import patch
from sandbox.providers.kubernetes.apply import RefusedError
from sandbox.providers.kubernetes.patch import KubernetesPatch
from tests.unit.sandbox.providers.kubernetes.cluster import Cluster
from tests.unit.sandbox.providers.kubernetes.test_resource import PATH, config_map, context


def test_a_patch_changes_what_is_there_and_leaves_it_there() -> None:
    cluster = Cluster()
    cluster.objects[PATH] = config_map(a="b")
    resource = KubernetesPatch(cluster, "v1", "ConfigMap")
    state = resource.create(context(), config_map(c="d"))
    assert cluster.objects[PATH]["data"] == {"c": "d"}, "applied under a manager of its own"
    resource.delete(context(), state)
    method, path, sent = cluster.requests[-1]
    assert (method, path) == ("PATCH", PATH)
    assert "data" not in sent, "given up, not deleted"
    assert PATH in cluster.objects


def test_a_patch_of_nothing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patch, "_SECONDS", 0.0)
    with pytest.raises(RefusedError, match="ConfigMap apps/settings does not exist, so there is nothing to patch"):
        KubernetesPatch(Cluster(), "v1", "ConfigMap").create(context(), config_map(c="d"))


def test_an_object_that_went_needs_no_patch_removed() -> None:
    cluster = Cluster()
    cluster.objects[PATH] = config_map()
    resource = KubernetesPatch(cluster, "v1", "ConfigMap")
    state = resource.create(context(), config_map(c="d"))
    del cluster.objects[PATH]
    resource.delete(context(), state)


def test_the_name_of_what_is_patched_is_not_made_up() -> None:
    _, failures = KubernetesPatch(Cluster(), "v1", "ConfigMap").check(context(), None, {"data": {}})
    assert [failure.property for failure in failures] == ["metadata.name"]
