"""Jenkins' configuration as code: what it refers to exists, and what builds may see."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from components import jcasc, platform_images
from components.jcasc import agents
from components.versions import JENKINS_CONTROLLER
from sandbox.services.jenkins import casc
from sandbox.services.jenkins.casc_values import CascError

PLUGINS = platform_images.IMAGES / "controller"
# Which plugin knows what is used here (see the plugins' own sources).
ROOTS = {"jenkins", "credentials", "unclassified", "security", "tool", "jobs"}
NEEDED = {
    "configuration-as-code": "all of it",
    "job-dsl": "jobs",
    "gitlab-plugin": "gitLabConnectionConfig, gitLabApiTokenImpl, the trigger gitlab",
    "matrix-auth": "globalMatrix",
    "kubernetes": "agents",
    "workflow-aggregator": "pipelineJob, folder, folderLibraries, credentials",
    "git": "scm",
}
TEMPLATE_KEYS = {
    *("name", "label", "nodeUsageMode", "podRetention", "idleMinutes", "activeDeadlineSeconds", "showRawYaml", "yamlMergeStrategy", "yaml"),
}
"""Properties of org.csanchez.jenkins.plugins.kubernetes.PodTemplate that are used."""


def workspace(**changed: Any) -> list[dict[str, Any]]:
    application = jcasc.application(
        name="alice-shop", title="acme/alice/shop", repository="http://gitlab.dev.test/g/acme/alice-shop.git", branch="main",
        workspace="acme", user="alice", project="shop", port=8080, domain="dev.test", host="", hook="token-of-the-hook",
    )  # fmt: skip
    known: dict[str, Any] = {
        "folder": "acme",
        "description": "slipway dev: acme",
        "pipeline": "http://gitlab.dev.test/g/pipeline.git",
        "revision": "refs/tags/platform-1",
        "build": [jcasc.login("registry", "pushes", "robot$push", "password-of-the-robot")],
        "update": [jcasc.login("gitops", "commits", "bot", "token-of-gitops")],
        "applications": [application],
    }
    return jcasc.workspace_jobs(**{**known, **changed})


def platform() -> dict[str, Any]:
    return jcasc.platform(gitlab_url="http://gitlab.dev.test", gitlab_token="glpat-${1}")


def told(jobs: list[dict[str, Any]]) -> Any:
    """What the script will be told, after YAML and JCasC's replacements."""
    ((text,),) = [entry["providedEnv"].values() for entry in yaml.safe_load(jcasc.text({"jobs": jobs}))["jobs"] if "providedEnv" in entry]
    assert "${" not in text
    return json.loads(text)


def templates() -> dict[str, Any]:
    made = agents.templates(agent="harbor.dev.test/platform/jenkins-agent:1", environment={"SLIPWAY_REGISTRY": "r"})
    return {name: yaml.safe_load(text)[0] for name, text in made.items()}


def test_the_texts_are_yaml_with_known_roots() -> None:
    for configuration in (
        platform(),
        {"jobs": workspace()},
        {"jobs": jcasc.workspaces("dev", [])},
    ):
        assert set(yaml.safe_load(jcasc.text(configuration))) <= ROOTS
    assert set(yaml.safe_load(jcasc.SECURITY_REALM)) == {"local"}
    assert set(yaml.safe_load(jcasc.AUTHORIZATION)) == {"globalMatrix"}


def test_every_key_is_one_that_the_plugins_know(tmp_path: Path) -> None:
    """The stand-in's schema is written from the plugins' sources, and refuses what is not in it."""
    sources = casc.Sources([], tmp_path, {"chart-admin-username": "admin", "chart-admin-password": "secret"})
    texts = {
        "platform": jcasc.text(platform()),
        "security": jcasc.text(
            {
                "jenkins": {
                    "securityRealm": yaml.safe_load(jcasc.SECURITY_REALM),
                    "authorizationStrategy": yaml.safe_load(jcasc.AUTHORIZATION),
                    "clouds": [{"kubernetes": {"name": "kubernetes", "templates": list(templates().values())}}],
                }
            }
        ),
        "jobs": jcasc.text({"jobs": workspace()}),
        "folders": jcasc.text({"jobs": jcasc.workspaces("dev", ["acme"])}),
    }
    read = sources.apply(texts.items())
    assert read.users["admin"]
    assert [each.secret for each in read.credentials] == ["glpat-${1}"]
    assert [sorted(environment) for _, environment in read.scripts] == [["SLIPWAY_WORKSPACE"], ["SLIPWAY_WORKSPACE", "SLIPWAY_WORKSPACES"]]
    with pytest.raises(CascError, match="gitLabConection"):
        sources.apply([("typo", "unclassified: {gitLabConectionConfig: {}}")])


def test_every_variable_that_is_referred_to_is_a_key_of_a_secret() -> None:
    """The chart's names for the keys of the administrator's Secret."""
    text = jcasc.SECURITY_REALM + jcasc.AUTHORIZATION
    assert set(re.findall(r"\$\{([^}]*)\}", text)) == {"chart-admin-username", "chart-admin-password"}


def test_every_credential_that_is_referred_to_exists() -> None:
    configuration = platform()
    (domain,) = configuration["credentials"]["system"]["domainCredentials"]
    ids = {credential["id"] for each in domain["credentials"] for credential in each.values()}
    assert {connection["apiTokenId"] for connection in configuration["unclassified"]["gitLabConnectionConfig"]["connections"]} <= ids
    script = Path(jcasc.__file__).with_name("workspace.groovy").read_text()
    assert set(re.findall(r"credentials(?:Id)?\('(\w+)'\)", script)) == {jcasc.PIPELINE_LOGIN}


def test_the_token_that_reports_builds_is_not_for_builds() -> None:
    (domain,) = platform()["credentials"]["system"]["domainCredentials"]
    assert [credential["scope"] for each in domain["credentials"] for credential in each.values()] == ["SYSTEM"]


def test_every_plugin_that_is_used_is_in_the_list_and_in_the_lock() -> None:
    def pinned(file: str) -> dict[str, str]:
        lines = [line for line in (PLUGINS / file).read_text().splitlines() if line and not line.startswith("#")]
        return dict(line.split(":") for line in lines)

    chosen, locked = pinned("plugins.list"), pinned("plugins.txt")
    assert chosen.keys() == NEEDED.keys()
    assert chosen.items() <= locked.items()
    assert ("UNVERIFIED" in (PLUGINS / "plugins.txt").read_text()) == (len(locked) == len(chosen)), "a lock names what plugins need, too"


def test_the_controller_and_its_plugins_are_those_of_the_chart() -> None:
    contract = Path(__file__).parents[4] / "shared" / "contracts" / "charts" / "jenkins.values.yaml"
    if not contract.is_file():
        pytest.skip("the chart's own values.yaml is not beside this checkout")
    pins = yaml.safe_load(contract.read_text())["controller"]["installPlugins"]
    assert set(pins) <= set((PLUGINS / "plugins.list").read_text().splitlines())
    assert JENKINS_CONTROLLER.endswith("-jdk21")


def test_a_scripts_text_has_nothing_that_jcasc_replaces() -> None:
    for file in ("workspace.groovy", "workspaces.groovy"):
        assert "${" not in Path(jcasc.__file__).with_name(file).read_text()


def test_secrets_are_data_and_never_part_of_a_script() -> None:
    entries = workspace()
    scripts = "".join(entry.get("script", "") for entry in entries)
    assert "token-of-gitops" not in scripts
    assert "token-of-the-hook" not in scripts
    assert told(entries)["update"][0]["password"] == "token-of-gitops"


@given(st.text(max_size=40))
def test_any_value_arrives_as_it_was(text: str) -> None:
    login = jcasc.login("registry", text, text, text)
    assert told(workspace(build=[login], description=text))["build"] == [login]


def test_an_agents_template_has_known_keys_and_its_pod_is_one() -> None:
    for template in templates().values():
        assert template.keys() <= TEMPLATE_KEYS
        pod = yaml.safe_load(template["yaml"])
        assert (pod["apiVersion"], pod["kind"]) == ("v1", "Pod")
        assert "jnlp" in [container["name"] for container in pod["spec"]["containers"]]


def test_tenants_code_runs_beside_no_credential_and_no_docker() -> None:
    pods = {name: yaml.safe_load(template["yaml"])["spec"] for name, template in templates().items()}
    assert [container["name"] for container in pods["update"]["containers"]] == ["jnlp"], "nothing that runs tenants' code"
    for pod in pods.values():
        assert pod["automountServiceAccountToken"] is False
        assert {key for volume in pod["volumes"] for key in volume} <= {"name", "configMap", "emptyDir"}, "no Docker socket, no Secret"
    (builder,) = [container for container in pods["build"]["containers"] if container["name"] == "build"]
    assert not builder["securityContext"]["privileged"]
    assert all("value" in variable for variable in builder["env"]), "none from a Secret"
    assert not [variable for variable in builder["env"] if "TOKEN" in variable["name"] or "PASSWORD" in variable["name"]]
