"""Which pods are behind a Service's port."""

from sandbox.images.ingress.controller.endpoints import endpoints, lines
from tests.unit.sandbox.ingress.objects import service, slice_of


def test_ready_pods_are_found_by_the_number_and_the_name_of_the_port() -> None:
    slices = [slice_of("10.1.0.5", "10.1.0.4"), slice_of("10.1.0.6", ready=False), slice_of("10.1.0.7", ready=None)]
    pods = ["10.1.0.4:8000", "10.1.0.5:8000", "10.1.0.7:8000"]

    assert endpoints([service()], slices) == {"shop/web/80": pods, "shop/web/http": pods}


def test_pods_of_other_services_and_namespaces_stay_apart() -> None:
    slices = [slice_of("10.1.0.4", namespace="other"), slice_of("10.1.0.5", name="other")]

    assert endpoints([service()], slices)["shop/web/80"] == []


def test_ipv6_pods() -> None:
    assert endpoints([service()], [slice_of("fd00::5")])["shop/web/80"] == ["[fd00::5]:8000"]


def test_lines_name_the_ports_that_have_pods() -> None:
    assert lines({"b/x/80": ["10.1.0.4:1", "10.1.0.5:1"], "a/x/80": ["10.1.0.6:1"], "c/x/80": []}) == (
        "a/x/80 10.1.0.6:1\nb/x/80 10.1.0.4:1 10.1.0.5:1\n"
    )
