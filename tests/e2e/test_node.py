"""The node in a container."""

from tests.e2e.support import Platform, eventually


def test_a_restarted_node_keeps_the_clusters_data(platform: Platform) -> None:
    before = platform.object("namespace", "argocd", "default")["metadata"]["uid"]
    platform.docker.containers.get(f"{platform.sandbox.network}-{platform.name}").restart()
    after = eventually(lambda: platform.object("namespace", "argocd", "default"), 60, "the API server answers again")
    assert after["metadata"]["uid"] == before
    eventually(lambda: platform.answer("sample"), 120, "the application answers again")
    eventually(lambda: platform.get("argocd", "/healthz").status_code == 200, 120, "Argo CD answers again")
    platform.pulumi("preview", "--expect-no-changes")


def test_a_volume_of_the_default_class_is_bound(platform: Platform) -> None:
    claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: test}\n"
    claim += "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}\n"
    platform.kubectl("-n", "default", "apply", "-f", "-", text=claim)
    try:
        eventually(lambda: platform.object("pvc", "test", "default")["status"]["phase"] == "Bound", 30, "the claim is bound")
    finally:
        platform.kubectl("-n", "default", "delete", "pvc", "test")
