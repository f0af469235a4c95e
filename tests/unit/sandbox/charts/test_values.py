"""The sandbox's charts take the real charts' values: what the product sets must mean something to both."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from components import argocd, harbor, ingress_nginx, jenkins
from components.chart import ChartPin
from components.versions import ARGO_CD, CHARTS, HARBOR, INGRESS_NGINX, JENKINS
from sandbox import charts

FOLDER = Path(charts.__file__).parent
# Verbatim copies of the real charts' values.yaml, where they lie beside the checkout.
CONTRACTS = Path(__file__).parents[5] / "shared" / "contracts" / "charts"

SET = [
    (INGRESS_NGINX, ingress_nginx.values(service_type="ClusterIP", host_port=True)),
    (INGRESS_NGINX, ingress_nginx.values(service_type="LoadBalancer", host_port=False)),
    (
        HARBOR,
        harbor.values(
            host="harbor.dev.test",
            ingress_class="nginx",
            sizes={"registry": "1Gi", "database": "1Gi", "trivy": "1Gi"},
            storage_class="fast",
            database_password="x",
        ),
    ),
    (
        JENKINS,
        jenkins.values(
            host="jenkins.dev.test",
            ingress_class="nginx",
            controller=jenkins.ImageName(registry="harbor.dev.test", repository="platform/jenkins", tag="1"),
            pull_secret="registry",
            pods={"build": ""},
            limit=1,
            size="1Gi",
            storage_class="fast",
        ),
    ),
    (ARGO_CD, argocd.values(domain="dev.test", ingress_class="nginx", images={"redis": {"repository": "a", "tag": "b"}})),
]
# The keys below these are the user's own.
FREE = (
    *("expose.ingress.annotations", "configs.cm", "configs.params", "controller.extraArgs", "controller.updateStrategy"),
    *("controller.JCasC.configScripts", "agent.podTemplates"),
)


def load(path: Path) -> Any:
    return yaml.load(path.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def unknown(values: dict[str, Any], known: dict[str, Any], path: str = "") -> list[str]:
    """Paths of the keys in `values` that `known` does not have."""
    found = []
    for key, value in values.items():
        here = f"{path}{key}"
        if key not in known:
            found.append(here)
        elif isinstance(value, dict) and here not in FREE:
            found += unknown(value, known[key] or {}, f"{here}.")
    return found


@pytest.mark.parametrize(("pin", "values"), SET)
def test_no_value_that_the_product_sets_is_ignored(pin: ChartPin, values: dict[str, Any]) -> None:
    assert unknown(values, load(FOLDER / pin.name / "values.yaml")) == []


@pytest.mark.parametrize("pin", CHARTS, ids=lambda pin: pin.name)
def test_every_value_is_one_of_the_real_chart(pin: ChartPin) -> None:
    contract = CONTRACTS / f"{pin.name}.values.yaml"
    if not contract.is_file():
        pytest.skip("the real charts' values.yaml are not beside this checkout")
    # The real ingress-nginx takes these too, without a line in its values.yaml or in a comment only.
    undocumented = {"nameOverride", "fullnameOverride", "controller.image.registry", "controller.image.repository"}
    assert set(unknown(load(FOLDER / pin.name / "values.yaml"), load(contract))) <= undocumented


@pytest.mark.parametrize("pin", CHARTS, ids=lambda pin: pin.name)
def test_the_charts_have_the_names_and_versions_that_the_product_pins(pin: ChartPin) -> None:
    chart = load(FOLDER / pin.name / "Chart.yaml")
    assert (chart["name"], chart["version"]) == (pin.name, pin.version)
