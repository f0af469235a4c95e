import json
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from stacks import reference, settings
from stacks.problems import Problems
from tests.unit.graph import NODE, SENTINEL

ROOT = Path(__file__).parents[3]


def problems(**changes: Any) -> tuple[str, ...]:
    """The problems of a good configuration with these keys changed; None removes one."""
    config = {**NODE, **{key: value if isinstance(value, str) else json.dumps(value) for key, value in changes.items()}}
    with pytest.raises(Problems) as caught:
        settings.parse({key: value for key, value in config.items() if value != "null"})
    assert SENTINEL not in str(caught.value)
    assert caught.value.__cause__ is None
    return caught.value.problems


def gitlab(**changes: Any) -> dict[str, Any]:
    return {**json.loads(NODE["gitlab"]), **changes}


def node(**changes: Any) -> dict[str, Any]:
    return {"node": {**json.loads(NODE["cluster"])["node"], **changes}}


def test_a_good_configuration_is_read() -> None:
    read = settings.parse(NODE)
    assert read.domain == "dev.test"
    assert read.cluster.node is not None
    assert str(read.cluster.node.address) == "10.89.7.10"
    assert read.charts.source_of("argo-cd") == "upstream"
    assert read.gitlab.token.get_secret_value() == SENTINEL


def test_load_reads_pulumi_config() -> None:
    pulumi.runtime.set_all_config({f"slipway:{key}": value for key, value in NODE.items()} | {"other:key": "ignored"})
    assert settings.load() == settings.parse(NODE)


def test_load_finds_keys_that_nobody_reads() -> None:
    pulumi.runtime.set_all_config({f"slipway:{key}": value for key, value in NODE.items()} | {"slipway:domian": "dev.test"})
    with pytest.raises(Problems, match="slipway:domian is not a known key"):
        settings.load()


def test_all_problems_are_reported_at_once() -> None:
    found = problems(domain="Not A Host", gitlab=gitlab(group="/", typo=1), cluster=node(address="10.89.7"))
    assert [problem.split()[0] for problem in found] == [
        "slipway:domain",
        "slipway:cluster.node.address",
        "slipway:gitlab.group",
        "slipway:gitlab.typo",
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"domain": "Dev"},
            "slipway:domain is 'Dev'; expected lower-case DNS name under which the platform's hosts lie; "
            "next: pulumi config set --path 'domain' dev.example.com",
        ),
        (
            {"domain": None},
            "slipway:domain is missing; expected lower-case DNS name under which the platform's hosts lie; "
            "next: pulumi config set --path 'domain' dev.example.com",
        ),
        (
            {"cluster": node(address="10.89.7")},
            "slipway:cluster.node.address is '10.89.7'; expected free IPv4 address on that network; "
            "next: pulumi config set --path 'cluster.node.address' 10.89.7.10",
        ),
        (
            {"cluster": node(registryMirrors={"docker.io": "ftp://mirror"})},
            "slipway:cluster.node.registryMirrors[\"docker.io\"] is 'ftp://mirror' (not an http(s) URL); "
            "expected registry host to the URL of its mirror; "
            "next: pulumi config set --path 'cluster.node.registryMirrors[\"docker.io\"]' http://10.89.7.3:5000",
        ),
        (
            {"cluster": {}},
            "slipway:cluster is an object (exactly one of kubeconfig and node); expected exactly one of kubeconfig and "
            "node; next: pulumi config set --path 'cluster.kubeconfig.context' kind-dev",
        ),
        (
            {"charts": "local"},
            "slipway:charts is not an object; expected where charts come from; "
            "next: pulumi config set --path 'charts.source' oci://registry.example.com/charts",
        ),
        (
            {"ingress": {"serviceType": "Magic"}},
            "slipway:ingress.serviceType is 'Magic'; expected LoadBalancer, NodePort or ClusterIP; "
            "next: pulumi config set --path 'ingress.serviceType' NodePort",
        ),
        (
            {"ingress": {"servicetype": "NodePort"}},
            "slipway:ingress.servicetype is not a known key; expected one of: serviceType, hostPort; "
            "next: pulumi config rm --path 'ingress.servicetype'",
        ),
        (
            {"gitlab": gitlab(token="")},
            "slipway:gitlab.token is not valid (secret, not shown); expected secret: access token with scope api, Owner of "
            "the group; next: pulumi config set --secret --path 'gitlab.token'",
        ),
        (
            {"gitlab": gitlab(url=f"https://user:{SENTINEL}@gitlab.com")},
            "slipway:gitlab.url is 'https://***@gitlab.com' (a URL must not hold a credential); expected an http(s) URL "
            "without credential; next: pulumi config set --path 'gitlab.url' https://gitlab.com",
        ),
        (
            {"tenants": [{"workspace": "acme", "user": "Alice"}]},
            "slipway:tenants[0].user is 'Alice'; expected user id, lower-case letters and digits with single hyphens between, at most 58; "
            "next: pulumi config set --path 'tenants[0].user' alice",
        ),
        (
            {"tenants": [{"workspace": "a", "user": "alice"}, {"workspace": "b", "user": "alice"}]},
            "slipway:tenants: alice is there more than once, and would share a namespace; expected no name twice; "
            "next: rename or remove one of them",
        ),
        (
            {"tenants": [{"workspace": "platform", "user": "alice"}]},
            "slipway:tenants: workspace 'platform' has a name that the platform, Argo CD or Harbor uses itself; expected no name twice; "
            "next: rename or remove one of them",
        ),
    ],
)
def test_a_problem_names_value_expectation_and_next_step(changes: dict[str, Any], expected: str) -> None:
    assert problems(**changes) == (expected,)


def test_a_number_that_pulumi_made_of_a_tag_is_a_tag() -> None:
    read = settings.parse({**NODE, "images": json.dumps({"redis": {"repository": "redis", "tag": 8}})})
    assert read.images.redis is not None
    assert read.images.redis.tag == "8"


def test_the_example_stack_lacks_nothing_but_its_secret() -> None:
    config = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())["config"]
    raw = {key.removeprefix("slipway:"): value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
    with pytest.raises(Problems) as caught:
        settings.parse(raw)
    assert [problem.split(";")[0] for problem in caught.value.problems] == ["slipway:gitlab.token is missing"]


def test_the_documentation_is_up_to_date() -> None:
    written = (ROOT / "docs" / "configuration.md").read_text()
    assert written == reference.document(), "run: python -m stacks.reference > docs/configuration.md"


def test_tenants_of_a_folder_add_to_those_of_the_list(tmp_path: Path) -> None:
    (tmp_path / "bob.yaml").write_text("workspace: acme\nuser: bob\napplications:\n- {project: shop, port: 8000, hosts: [shop.dev.test]}\n")
    (tmp_path / "notes.txt").write_text("no tenant")
    found = settings.parse({**NODE, "tenantsFolder": str(tmp_path)}).tenants
    assert [(tenant.workspace, tenant.user) for tenant in found] == [("acme", "alice"), ("acme", "bob")]
    assert found[1].applications[0].port == 8000


def test_everything_wrong_with_a_folder_of_tenants_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("workspace: acme\nuser: A\nport: 1\n")
    (tmp_path / "b.yaml").write_text("- a list")
    (tmp_path / "c.yaml").write_text("workspace: [")
    (tmp_path / "d.yaml").write_bytes(b"\xff")
    (tmp_path / "e.yaml").write_text("user: eve\napplications: [{project: x, port: 0}]\n")
    with pytest.raises(Problems) as refused:
        settings.parse({**NODE, "tenantsFolder": str(tmp_path), "domain": "UPPER"})
    told = [problem.removeprefix(f"{tmp_path}/").partition(" ")[0] for problem in refused.value.problems]
    assert told == ["slipway:domain", "a.yaml:", "a.yaml:", "b.yaml", "c.yaml", "d.yaml", "e.yaml:", "e.yaml:"]


def test_names_that_two_tenants_would_fight_about_are_refused(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("workspace: a-b\nuser: c\napplications: [{project: x, hosts: [x.dev.test]}]\n")
    listed = [{"workspace": "a", "user": "b-c", "applications": [{"project": "x", "hosts": ["x.dev.test"]}]}]
    with pytest.raises(Problems) as refused:
        settings.parse({**NODE, "tenants": json.dumps(listed), "tenantsFolder": str(tmp_path)})
    application, host = refused.value.problems
    assert "Application 'a-b-c-x' would belong to both apps/a/b-c/x and apps/a-b/c/x" in application
    assert "host x.dev.test belongs to 2 applications" in host
