"""The text of nginx.conf, above all that nobody's Ingress can write into it."""

import base64
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.images.ingress.controller.render import render
from tests.unit.sandbox.ingress.objects import ingress, rule

NOTHING = render([], [])


def test_nothing_is_found_without_an_ingress() -> None:
    assert "server_name _;" in NOTHING
    assert "location / { return 404; }" in NOTHING
    assert "set $pods" not in NOTHING


def test_a_host_is_proxied_to_its_pods() -> None:
    config = render([ingress(rules=[rule()])], [])

    assert "server_name shop.test;" in config
    assert "set $pods shop/web/80; client_max_body_size 1m;" in config
    assert "proxy_pass http://pods;" in config


def test_the_order_of_objects_does_not_change_the_text() -> None:
    # Otherwise nginx would reload without a reason.
    one, two = ingress("one", rules=[rule("one.test")]), ingress("two", rules=[rule("two.test")])

    assert render([one, two], []) == render([two, one], [])


def test_paths_that_no_rule_names_are_not_found() -> None:
    assert "location / { return 404; }" in render([ingress(rules=[rule(path="/a")])], []).split("shop.test")[1]


def test_a_host_with_a_certificate_redirects_to_https() -> None:
    data = {key: base64.b64encode(b"x").decode() for key in ("tls.crt", "tls.key")}
    secret = {"metadata": {"name": "cert", "namespace": "shop"}, "data": data}
    secured = ingress(rules=[rule()], tls=[{"hosts": ["shop.test"], "secretName": "cert"}])

    assert "return 308 https://$host$request_uri;" in render([secured], [secret])
    assert "return 308" not in render([secured], [])


HOSTILE = [
    "a.test; } server { listen 81",
    "a.test\n",
    "a.test {",
    "$host",
    "A.test",
    "-a.test",
    '"a.test"',
    "*",
    "a.*.test",
    "../etc",
]


@pytest.mark.parametrize("host", HOSTILE)
def test_a_hostile_host_is_left_out_and_named(host: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert render([ingress(rules=[rule(host)])], []) == NOTHING

    assert "shop/web" in caplog.text
    assert repr(host) in caplog.text


PATHS = ["/a { return 200; }", "/;", "/a\nb", "/$uri", '/"', "/#", "/\\", "a", "/a b", "/*", "/a/\n"]


@pytest.mark.parametrize("path", PATHS)
def test_a_hostile_path_is_left_out(path: str) -> None:
    assert render([ingress(rules=[rule("", path)])], []) == NOTHING


@pytest.mark.parametrize("service", ["web;", "web }", "a/b", "$x", ""])
def test_a_hostile_backend_is_not_found(service: str, caplog: pytest.LogCaptureFixture) -> None:
    config = render([ingress(rules=[rule(service=service)])], [])

    assert "location / { return 404; }" in config.split("shop.test")[1]
    assert "shop/web: backend" in caplog.text


@pytest.mark.parametrize("name", ["proxy-body-size", "backend-protocol"])
@pytest.mark.parametrize("value", ["1m; } }", "1m\n", "", "http://x"])
def test_a_hostile_annotation_is_as_if_it_were_not_there(name: str, value: str) -> None:
    hostile = ingress(rules=[rule()])
    hostile["metadata"]["annotations"] = {f"nginx.ingress.kubernetes.io/{name}": value}

    assert render([hostile], []) == render([ingress(rules=[rule()])], [])


@given(host=st.text(max_size=30), path=st.text(max_size=30), size=st.text(max_size=8))
def test_no_value_opens_or_closes_a_block(host: str, path: str, size: str) -> None:
    any_ingress = ingress(rules=[rule(host, path or "/")])
    any_ingress["metadata"]["annotations"] = {"nginx.ingress.kubernetes.io/proxy-body-size": size}
    config = render([any_ingress], [])

    added = [line for line in config.splitlines() if line not in NOTHING.splitlines()]
    ours = ("    listen", "    server_name", "    location ")
    assert all(line.startswith(ours) for line in added)
    assert config.count("{") == config.count("}")
