"""Helm ignores a misspelt key silently: the values we set are checked against the keys of the real charts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from components import argocd, harbor, ingress_nginx, jenkins
from components.chart import ChartPin
from components.jcasc import agents
from components.versions import ARGO_CD, CHARTS, HARBOR, INGRESS_NGINX, JENKINS

EXTRACTS = Path(__file__).parent / "charts"
# Verbatim copies of the charts' values.yaml, where they lie beside the checkout.
CONTRACTS = Path(__file__).parents[4] / "shared" / "contracts" / "charts"

VALUES = [
    (INGRESS_NGINX, ingress_nginx.values(service_type="LoadBalancer", host_port=False)),
    (INGRESS_NGINX, ingress_nginx.values(service_type="ClusterIP", host_port=True)),
    (ARGO_CD, argocd.values(domain="dev.test", ingress_class="nginx", images={})),
    *(
        (
            HARBOR,
            harbor.values(
                host="harbor.dev.test", ingress_class="nginx", sizes={"registry": "1Gi"}, storage_class=volumes, database_password="x"
            ),
        )
        for volumes in (None, "fast")
    ),
    *(
        (
            JENKINS,
            jenkins.values(
                host="jenkins.dev.test",
                ingress_class="nginx",
                controller=jenkins.ImageName(registry="harbor.dev.test", repository="platform/jenkins", tag="1"),
                pull_secret="registry",
                pods=agents.templates(agent="a:1", environment={"A": "b"}),
                limit=10,
                size="8Gi",
                storage_class=volumes,
            ),
        )
        for volumes in (None, "fast")
    ),
    (
        ARGO_CD,
        argocd.values(
            domain="dev.test",
            ingress_class="nginx",
            images={"global": {"repository": "a", "tag": "b"}, "redis": {"repository": "c", "tag": "d"}},
        ),
    ),
]


def extract(pin: ChartPin) -> set[str]:
    """Keys of the chart at the pinned version; one that ends in `.*` takes any key below it."""
    return set((EXTRACTS / f"{pin.name}-{pin.version}.txt").read_text().split())


def leaves(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}" if path else key)
    else:
        yield path


@pytest.mark.parametrize(("pin", "values"), VALUES)
def test_every_value_that_we_set_is_a_key_of_the_chart(pin: ChartPin, values: dict[str, Any]) -> None:
    known = extract(pin)
    free = tuple(key.removesuffix("*") for key in known if key.endswith(".*"))
    assert [key for key in leaves(values) if key not in known and not f"{key}.".startswith(free)] == []


@pytest.mark.parametrize("pin", CHARTS, ids=lambda pin: pin.name)
def test_the_extract_is_true_to_the_chart(pin: ChartPin) -> None:
    contract = CONTRACTS / f"{pin.name}.values.yaml"
    if not contract.is_file():
        pytest.skip("the charts' own values.yaml are not beside this checkout; the extract stands for them")
    values = yaml.load(contract.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    for key in extract(pin):
        node = values
        for part in key.removesuffix(".*").split("."):
            assert part in node, key
            node = node[part]


# The chart's own text says that `false` is for images that bring their plugins.
OTHERWISE_TYPED = {"controller.installPlugins"}


@pytest.mark.parametrize(("pin", "values"), VALUES)
def test_every_value_has_the_type_of_the_charts_default(pin: ChartPin, values: dict[str, Any]) -> None:
    contract = CONTRACTS / f"{pin.name}.values.yaml"
    if not contract.is_file():
        pytest.skip("the charts' own values.yaml are not beside this checkout")
    assert list(_misfits(values, yaml.safe_load(contract.read_text()))) == []


def _misfits(values: dict[str, Any], defaults: dict[str, Any], path: str = "") -> Iterator[str]:
    for key, value in values.items():
        default, here = defaults.get(key), f"{path}{key}"
        if isinstance(value, dict) and isinstance(default, dict):
            yield from _misfits(value, default, f"{here}.")
        elif default is not None and type(value) is not type(default) and here not in OTHERWISE_TYPED:
            yield f"{here} is {value!r}; the default is {default!r}"


def test_an_ingress_gets_an_address_with_and_without_a_load_balancer() -> None:
    behind = ingress_nginx.values(service_type="LoadBalancer", host_port=False)["controller"]
    without = ingress_nginx.values(service_type="ClusterIP", host_port=True)["controller"]
    assert behind["publishService"]["enabled"]
    assert "report-node-internal-ip-address" not in behind["extraArgs"]
    assert not without["publishService"]["enabled"]
    assert without["extraArgs"]["report-node-internal-ip-address"] == "true"
