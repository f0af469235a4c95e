"""The provider's configuration."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.providers.kubernetes.settings import difference, failures, load
from sandbox.providers.plugin import UNKNOWN


def kubeconfig(server: str = "https://one.test", **user: Any) -> str:
    return yaml.safe_dump(
        {
            "clusters": [{"name": "c", "cluster": {"server": server}}, {"name": "d", "cluster": {"server": "https://d.test"}}],
            "contexts": [
                {"name": "x", "context": {"cluster": "c", "user": "u", "namespace": "apps"}},
                {"name": "y", "context": {"cluster": "d"}},
            ],
            "users": [{"name": "u", "user": user}],
            "current-context": "x",
        }
    )


def test_a_kubeconfig_is_given_as_text_or_as_a_path(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(kubeconfig())
    assert load({"kubeconfig": kubeconfig()}) == load({"kubeconfig": str(tmp_path / "config")})


def test_the_namespace_is_the_settings_then_the_contexts_then_default() -> None:
    assert load({"kubeconfig": kubeconfig(), "namespace": "own"}).namespace == "own"
    assert load({"kubeconfig": kubeconfig()}).namespace == "apps"
    assert load({"kubeconfig": kubeconfig(), "context": "y"}).namespace == "default"


def test_a_kubeconfig_to_come_allows_previews() -> None:
    assert failures({"kubeconfig": UNKNOWN}) == []
    assert load({"kubeconfig": UNKNOWN}).kubeconfig is None


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"kubeconfig": kubeconfig(), "context": "z"}, "no context 'z'; it has 'x', 'y'"),
        ({"kubeconfig": "a: b\nc: d"}, "names no cluster"),
        ({"kubeconfig": "/nowhere/config"}, "/nowhere/config"),
        ({"enableServerSideApply": False}, "server-side apply only"),
        ({"renderYamlToDirectory": "out"}, "not covered"),
    ],
)
def test_what_cannot_work_is_refused(config: dict[str, Any], expected: str) -> None:
    found = failures(config)
    assert len(found) == 1
    assert expected in found[0].reason


def test_a_broken_kubeconfig_is_not_quoted() -> None:
    found = failures({"kubeconfig": "{token: correct-horse"})
    assert "correct-horse" not in found[0].reason


def test_another_cluster_is_a_replacement_and_another_credential_is_not() -> None:
    old = {"kubeconfig": kubeconfig(token="a")}
    assert difference(old, {"kubeconfig": kubeconfig(token="b")}).replaces == frozenset()
    assert difference(old, {"kubeconfig": kubeconfig(token="b")}).changes == {"kubeconfig": "update"}
    assert difference({**old, "context": "x"}, {**old, "context": "y"}).replaces == {"context"}
    assert difference(old, {"kubeconfig": kubeconfig("https://two.test", token="a")}).replaces == {"kubeconfig"}
    assert difference(old, {"kubeconfig": UNKNOWN}).replaces == frozenset()
    assert difference(old, old).changes == {}


def test_a_cluster_identifier_decides_alone() -> None:
    old = {"kubeconfig": kubeconfig(), "clusterIdentifier": "one"}
    assert not difference(old, {"kubeconfig": kubeconfig("https://moved.test"), "clusterIdentifier": "one"}).replaces
    assert difference(old, {**old, "clusterIdentifier": "two"}).replaces == {"clusterIdentifier"}


def test_a_destroy_without_a_cluster_is_allowed_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not load({"kubeconfig": kubeconfig()}).delete_unreachable
    monkeypatch.setenv("PULUMI_K8S_DELETE_UNREACHABLE", "true")
    assert load({"kubeconfig": kubeconfig()}).delete_unreachable
    assert not load({"kubeconfig": kubeconfig(), "deleteUnreachable": False}).delete_unreachable
