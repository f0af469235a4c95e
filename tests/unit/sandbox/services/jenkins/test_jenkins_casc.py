"""Configuration as code: merging, variables, what is refused, reloading."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.services.jenkins.casc import Sources
from sandbox.services.jenkins.casc_values import CascError, Resolver
from sandbox.services.jenkins.configuration import Configuration
from tests.unit.sandbox.services.jenkins.kit import ADMIN, BASE, RELOAD, FakeEngine, Kit, controller, folder, job, write_casc

SECRET = "s3cr3t-value"


def applied(*texts: str, **environment: str) -> Configuration:
    return Sources([], Path("nowhere"), environment).apply([(f"{index}.yaml", text) for index, text in enumerate(texts)])


def refusal(*texts: str, **environment: str) -> str:
    with pytest.raises(CascError) as error:
        applied(*texts, **environment)
    assert SECRET not in str(error.value)
    return str(error.value)


def test_lists_are_put_together_and_mappings_merged() -> None:
    found = applied(
        "jobs: [{providedEnv: {A: one}}, {script: first}]\njenkins: {systemMessage: hello}",
        "jobs: [{providedEnv: {B: two}}, {script: second}]\njenkins: {numExecutors: 0}",
    )
    assert found.scripts == (("first", {"A": "one"}), ("second", {"A": "one", "B": "two"}))
    assert found.system_message == "hello"


def test_a_value_in_two_files_is_an_error_unless_overridden() -> None:
    texts = "jenkins: {systemMessage: one}", "jenkins: {systemMessage: two}"
    assert "Found conflicting configuration at 1.yaml, line 1" in refusal(*texts)
    assert applied(*texts, CASC_MERGE_STRATEGY="override").system_message == "two"
    assert "incompatible" in refusal("jobs: []", "jobs: {}")
    assert "CASC_MERGE_STRATEGY" in refusal(*texts, CASC_MERGE_STRATEGY="newest")


def test_files_are_found_below_folders_but_not_in_hidden_ones(tmp_path: Path) -> None:
    write_casc(tmp_path / "casc", {"jenkins": {"systemMessage": "seen"}}, "b.yml")
    write_casc(tmp_path / "casc/..data", {"jenkins": {"systemMessage": "hidden"}})
    (tmp_path / "casc/notes.txt").write_text("no: yaml: at all")
    assert Sources([str(tmp_path / "casc")], tmp_path, {}).read().system_message == "seen"
    with pytest.raises(CascError, match="isn't a valid path"):
        Sources([str(tmp_path / "missing")], tmp_path, {}).read()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("${FILE}", "from file"),
        ("${NAME}", "from file"),
        ("${ENV}", "value"),
        ("${MISSING}", ""),
        ("${MISSING:-default}", "default"),
        ("${MISSING:-${ENV}}", "value"),
        ("${ENV:-default}", "value"),
        ("^${ENV}", "${ENV}"),
        ("^${ENV} ${ENV}", "${ENV} value"),
        ("a $ENV {ENV} ${ENV", "a $ENV {ENV} ${ENV"),
        ("${OUTER}", "<value>"),
        ("${base64:abc}", "YWJj"),
        ("${decodeBase64:YWJj}", "abc"),
        ("${json:key:${JSON}}", "inside"),
        ("${trim:abc  }", "abc"),
        ("${readFile:SECRETS/FILE}", "  from file\n"),
        ("${readFileBase64:SECRETS/FILE}", "ICBmcm9tIGZpbGUK"),
        ("${readFile:/no/such/file}", ""),
    ],
)
def test_variables(tmp_path: Path, text: str, expected: str) -> None:
    for name in ("FILE", "NAME"):
        (tmp_path / name).write_text("  from file\n")
    environment = {"ENV": "value", "NAME": "from environment", "OUTER": "<${ENV}>", "JSON": '{"key": "inside"}'}
    assert Resolver(tmp_path, environment).resolve(text.replace("SECRETS", str(tmp_path))) == expected


def test_a_variable_may_not_refer_to_itself() -> None:
    with pytest.raises(CascError, match="'A' refers to itself"):
        Resolver(Path("nowhere"), {"A": "${B}", "B": "${A}"}).resolve("${A}")
    assert "unable to resolve variable 'X'" in refusal("jenkins: {systemMessage: '${X}'}", CASC_STRICT_SECRET_RESOLUTION="true")


LOCAL = "jenkins: {securityRealm: {local: {users: [%s]}}}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("jenkin: {}", "No configurator found for the following root element: jenkin"),
        ("jenkins: {numExecutor: 0}", "Invalid configuration elements for type: jenkins : numExecutor. Available attributes :"),
        ("jenkins: {numExecutors: two}", "jenkins.numExecutors has a value that is not a number"),
        ("jenkins: {disableRememberMe: maybe}", "jenkins.disableRememberMe has a value that is not true or false"),
        ("jenkins: [1]", "jenkins is a sequence, expected a mapping"),
        ("jenkins: {systemMessage: {a: b}}", "jenkins.systemMessage is a mapping, expected text"),
        (LOCAL % f"{{id: a, password: {SECRET}, mail: x}}", "jenkins.securityRealm.local.users[0] : mail"),
        (LOCAL % f"{{password: {SECRET}}}", "jenkins.securityRealm.local.users[0] lacks id"),
        (LOCAL % "{id: a, password: '#jbcrypt:$2a'}", "the password of 'a' is a hash"),
        ("jenkins: {securityRealm: {ldap: {}}}", "jenkins.securityRealm : ldap"),
        ("jenkins: {authorizationStrategy: {globalMatrix: {entries: [{user: {name: a, permissions: [Job/Red]}}]}}}", "'Job/Red'"),
        ("jenkins: {authorizationStrategy: {globalMatrix: {permissions: []}}}", "globalMatrix : permissions"),
        ("jenkins: {clouds: [{kubernetes: {name: k, templates: [{name: t, lable: x}]}}]}", "templates[0] : lable"),
        ("jenkins: {clouds: [{docker: {}}]}", "jenkins.clouds[0] : docker"),
        ("jenkins: {clouds: [{kubernetes: {name: a}}, {kubernetes: {name: b}}]}", "2 clouds, expected at most one"),
        ("credentials: {system: {domainCredentials: [{credentials: [{sshKey: {}}]}]}}", "credentials[0] : sshKey"),
        (f"credentials: {{system: {{domainCredentials: [{{credentials: [{{string: {{secret: {SECRET}}}}}]}}]}}}}", "has no id"),
        ("unclassified: {globalLibraries: {libraries: [{name: a}]}}", "libraries[0] lacks retriever"),
        ("unclassified: {mailer: {}}", "unclassified : mailer"),
        ("jobs: [{scripts: x}]", "jobs[0] : scripts"),
        (f"jobs: [{{script: x, providedEnv: {{A: {SECRET}}}}}]", "jobs[0] has 2 attributes"),
        (f"jobs: ['{SECRET}']", "jobs[0] is a scalar"),
        ("jobs: [{file: /no/such/file}]", "'/no/such/file' cannot be read"),
        (f"a: b: {SECRET}", "0.yaml: line 1 is no valid YAML"),
        (f"- {SECRET}", "is no mapping"),
        ("jobs: &a [*a]", "alias"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_place(text: str, told: str) -> None:
    assert told in refusal(text)


def test_aliases_that_grow_are_refused() -> None:
    lines = ["x-0: &n0 [a, a, a, a, a, a, a, a, a, a]", *(f"x-{n}: &n{n} [{', '.join([f'*n{n - 1}'] * 10)}]" for n in range(1, 9))]
    assert "nodes" in refusal("\n".join(lines))


def test_names_do_not_mind_case_and_x_roots_are_passed_over() -> None:
    found = applied("x-common: {any: thing}\nunclassified: {gitlabconnectionconfig: {connections: [{name: a, url: b, apiTokenId: c}]}}")
    assert found.connections["a"].url == "b"


def reload(kit: Kit, token: str = RELOAD) -> tuple[int, str]:
    answer = kit.http.post("/reload-configuration-as-code/", params={"casc-reload-token": token})
    return answer.status_code, answer.text


def changed(**jenkins: Any) -> Mapping[str, Any]:
    return BASE | {"jenkins": BASE["jenkins"] | jenkins}


def test_the_sidecar_reloads_by_token(kit: Kit) -> None:
    write_casc(kit.casc, changed(systemMessage="new"))
    assert reload(kit, "wrong")[0] == 401
    assert kit.http.get("/reload-configuration-as-code/", params={"casc-reload-token": RELOAD}).status_code == 405
    assert kit.jenkins.configuration.system_message == ""
    assert reload(kit)[0] == 200
    assert kit.jenkins.configuration.system_message == "new"
    assert kit.engine.scripts == [("declare", {"DATA": '{"password": "folder-secret"}'})]
    assert "acme/build folder slipway: acme/build" in kit.engine.known


def test_a_wrong_reload_changes_nothing_and_tells_why(kit: Kit) -> None:
    write_casc(kit.casc, changed(systemMessage="new", typo=1))
    status, text = reload(kit)
    assert status == 500
    assert "jenkins : typo" in text
    write_casc(kit.casc, changed(systemMessage="new"))
    kit.engine.refuse, kit.engine.items = "line 3: No such method foldr for folder-secret", [folder("other")]
    status, text = reload(kit)
    assert status == 500
    assert "No such method foldr for ****" in text
    kit.engine.refuse = ""
    kit.engine.items = [job("nowhere/shop")]
    assert "there is no folder 'nowhere'" in reload(kit)[1]
    assert kit.jenkins.configuration.system_message == ""
    assert "acme/build/alice-shop" in kit.jenkins.items
    assert "other" not in kit.jenkins.items


def test_items_stay_unless_scripts_delete_them(tmp_path: Path) -> None:
    with controller(tmp_path) as kit:
        kit.engine.items = [folder("other")]
        assert reload(kit)[0] == 200
        assert {"other", "acme", "acme/build/alice-shop"} <= set(kit.jenkins.items)
        kit.hook({}, token=None)
        kit.engine.items, kit.engine.deleted = [], ["acme/build"]
        assert reload(kit)[0] == 200
        assert set(kit.jenkins.items) == {"other", "acme", "acme/update", "acme/update/plain"}
    engine = FakeEngine(items=[])
    with controller(tmp_path, engine) as kit:
        assert set(kit.jenkins.items) == {"other", "acme", "acme/update", "acme/update/plain"}


def test_an_administrator_reloads_applies_and_checks(kit: Kit) -> None:
    token, text = kit.token(), yaml.safe_dump(dict(changed(systemMessage="applied")))
    assert kit.http.post("/configuration-as-code/check", content=text, auth=token).json() == []
    assert kit.http.post("/configuration-as-code/check", content="jenkin: 1", auth=token).status_code == 400
    assert kit.jenkins.configuration.system_message == ""
    assert kit.http.post("/configuration-as-code/apply", content=text, auth=token).status_code == 200
    assert kit.jenkins.configuration.system_message == "applied"
    jobs = yaml.safe_dump({"jobs": [{"script": "more"}]})
    assert kit.http.post("/configuration-as-code/apply", content=jobs, auth=token).status_code == 200
    assert kit.jenkins.configuration.system_message == "applied", "what a text does not speak of stays"
    assert [text for text, _ in kit.engine.scripts] == ["more"], "and is not done again"
    assert kit.http.post("/configuration-as-code/apply", content="jenkin: 1", auth=token).status_code == 500
    assert kit.http.post("/configuration-as-code/reload", auth=kit.token()).status_code == 302
    assert kit.jenkins.configuration.system_message == ""
    assert kit.http.post("/configuration-as-code/reload", auth=kit.token(("builder", ""))).status_code == 403
    assert kit.http.post("/configuration-as-code/reload", auth=ADMIN).status_code == 403  # without a crumb


def test_a_controller_with_a_wrong_configuration_does_not_open(tmp_path: Path) -> None:
    write_casc(tmp_path / "casc", {"jenkin": {}})
    with pytest.raises(CascError, match="jenkin"), controller(tmp_path):
        pass
