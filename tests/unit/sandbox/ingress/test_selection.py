"""Which Ingresses are served, and the address that they show."""

import pytest

from sandbox.images.ingress.controller.options import Options, parse
from sandbox.images.ingress.controller.selection import addresses, current, served
from tests.unit.sandbox.ingress.objects import ingress, service

CLASSES = [
    {"metadata": {"name": "nginx"}, "spec": {"controller": "k8s.io/ingress-nginx"}},
    {"metadata": {"name": "traefik"}, "spec": {"controller": "traefik.io/ingress-controller"}},
]


def options(*arguments: str) -> Options:
    return parse(["/nginx-ingress-controller", *arguments])


@pytest.mark.parametrize(("name", "count"), [("nginx", 1), ("traefik", 0), ("nobody", 0)])
def test_the_class_decides(name: str, count: int) -> None:
    assert len(served([ingress(ingressClassName=name)], CLASSES, options())) == count


def test_the_class_belongs_to_the_controller_that_the_flag_names() -> None:
    chosen = options("--controller-class=traefik.io/ingress-controller")

    assert served([ingress(ingressClassName="nginx")], CLASSES, chosen) == []


@pytest.mark.parametrize(("name", "count"), [("nginx", 1), ("other", 0)])
def test_the_older_annotation_is_understood(name: str, count: int) -> None:
    annotated = ingress()
    annotated["metadata"]["annotations"] = {"kubernetes.io/ingress.class": name}

    assert len(served([annotated], CLASSES, options())) == count


def test_an_ingress_without_a_class_is_served_on_request_only() -> None:
    assert served([ingress()], CLASSES, options()) == []
    for flag in ("--watch-ingress-without-class", "--watch-ingress-without-class=true"):
        assert len(served([ingress()], CLASSES, options(flag))) == 1
    assert served([ingress()], CLASSES, options("--watch-ingress-without-class=false")) == []


def test_an_unknown_flag_is_named_and_ignored(caplog: pytest.LogCaptureFixture) -> None:
    options("--election-id=ingress-nginx-leader")

    assert "--election-id=ingress-nginx-leader" in caplog.text


def test_the_node_address_is_reported_unless_a_service_is_published() -> None:
    assert addresses("10.89.7.10", [service()], "") == [{"ip": "10.89.7.10"}]
    assert addresses("10.89.7.10", [service()], "shop/web") == [{"ip": "10.96.0.7"}]
    assert addresses("10.89.7.10", [], "shop/web") == []


def test_a_load_balancer_reports_what_it_was_given() -> None:
    balanced = service()
    balanced["spec"]["type"] = "LoadBalancer"
    balanced["status"] = {"loadBalancer": {"ingress": [{"ip": "192.0.2.1", "ipMode": "VIP"}]}}

    assert addresses("10.89.7.10", [balanced], "shop/web") == [{"ip": "192.0.2.1"}]


def test_a_status_is_compared_without_what_the_server_adds() -> None:
    reported = ingress()
    reported["status"] = {"loadBalancer": {"ingress": [{"ip": "10.89.7.10", "ports": []}]}}

    assert current(reported) == [{"ip": "10.89.7.10"}]
    assert current(ingress()) == []
