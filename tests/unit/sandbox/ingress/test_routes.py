"""Which host and path leads to which pods."""

import base64

import pytest

from sandbox.images.ingress.controller.routes import Object, Site, certificate_name, sites
from tests.unit.sandbox.ingress.objects import ingress, rule


def the_site(*ingresses: Object, host: str = "shop.test") -> Site:
    return sites(ingresses, [])[host]


@pytest.mark.parametrize(("port", "pods"), [(80, "shop/web/80"), ("http", "shop/web/http")])
def test_a_host_leads_to_its_service_in_its_own_namespace(port: int | str, pods: str) -> None:
    assert the_site(ingress(rules=[rule(port=port)])).locations["/"].pods == pods


@pytest.mark.parametrize(
    ("path", "path_type", "matches"),
    [
        ("/", "Prefix", {"/"}),
        ("/a", "Prefix", {"/a/", "= /a"}),
        ("/a/", "Prefix", {"/a/", "= /a"}),
        ("/a", "Exact", {"= /a"}),
        ("/a", "ImplementationSpecific", {"/a"}),
    ],
)
def test_path_types(path: str, path_type: str, matches: set[str]) -> None:
    assert set(the_site(ingress(rules=[rule(path=path, path_type=path_type)])).locations) == matches


def test_an_exact_path_wins_over_an_equal_prefix() -> None:
    prefix, exact = rule(path="/a", service="other"), rule(path="/a", path_type="Exact")

    site = the_site(ingress(rules=[prefix, exact]))

    assert site.locations["= /a"].pods == "shop/web/80"
    assert site.locations["/a/"].pods == "shop/other/80"


def test_the_oldest_ingress_keeps_its_path() -> None:
    newer = ingress("aaa", created="2026-02-01T00:00:00Z", rules=[rule(service="other")])

    assert the_site(newer, ingress("web", rules=[rule()])).locations["/"].pods == "shop/web/80"


def test_a_default_backend_takes_what_no_host_takes() -> None:
    backend = rule()["http"]["paths"][0]["backend"]

    assert the_site(ingress(defaultBackend=backend), host="").locations["/"].pods == "shop/web/80"


def test_annotations() -> None:
    annotated = ingress(rules=[rule()])
    annotated["metadata"]["annotations"] = {
        "nginx.ingress.kubernetes.io/proxy-body-size": "0",
        "nginx.ingress.kubernetes.io/backend-protocol": "HTTPS",
        "nginx.ingress.kubernetes.io/ssl-redirect": "false",
    }

    location = the_site(annotated).locations["/"]

    assert (location.body_limit, location.scheme, location.to_https) == ("0", "https", False)


def test_a_certificate_serves_the_hosts_that_its_ingress_names() -> None:
    encoded = {key: base64.b64encode(key.encode()).decode() for key in ("tls.crt", "tls.key")}
    secret = {"metadata": {"name": "cert", "namespace": "shop"}, "data": encoded}
    tls = [{"hosts": ["shop.test"], "secretName": "cert"}]
    other = ingress("thief", namespace="other", tls=tls, rules=[rule("other.test")])

    found = sites([ingress(tls=tls, rules=[rule()]), other], [secret])

    assert found["shop.test"].certificate == certificate_name(secret)
    assert found["other.test"].certificate is None
