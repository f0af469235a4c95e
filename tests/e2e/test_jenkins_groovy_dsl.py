"""Job DSL in the stand-in for Jenkins, evaluated by real Groovy, with the product's own scripts among it."""

import json
from collections.abc import Iterator

import pytest

from components import jcasc
from sandbox.cache import ROOT
from sandbox.services.jenkins.jvm import Jvm
from sandbox.services.jenkins.model import DslError, Parameter, Scm
from tests.e2e.groovy import started

JOB = """
import groovy.json.JsonSlurperClassic
def app = new JsonSlurperClassic().parseText(APP)
folder('acme') {
    description('slipway: acme')
    properties { folderCredentialsProperty { domainCredentials { domainCredentials {
        domain { name('_'); description('') }
        credentials { app.logins.each { login ->
            usernamePassword { scope('GLOBAL'); id(login.id); username('u'); password(login.password) }
        } }
    } } } }
}
def job = pipelineJob("acme/${app.name}") {
    logRotator { numToKeep(50); artifactNumToKeep(20) }
    parameters { stringParam('BRANCH', 'main', 'what to build'); choiceParam('ACTION', ['publish', 'rollback'], '') }
    properties {
        disableConcurrentBuilds { abortPrevious(false) }
        gitLabConnection { gitLabConnection('gitlab') }
        pipelineTriggers { triggers { gitlab { triggerOnPush(true); branchFilterType('NameBasedFilter'); secretToken(app.token) } } }
    }
    environmentVariables { env('NAME', 'value') }
}
job.definition { cpsScm { lightweight(true); scriptPath('build.Jenkinsfile'); scm { git {
    remote { url('http://git/p.git'); credentials('pipeline') }
    branch('refs/tags/v1')
    extensions {}
} } } }
"""
STORE = "folderCredentialsProperty { domainCredentials { domainCredentials"
SECRET = "only-the-store-knows"


@pytest.fixture(scope="module")
def jvm() -> Iterator[Jvm]:
    with started() as found:
        yield found


def test_what_is_declared(jvm: Jvm) -> None:
    app = {"name": "alice-shop", "token": SECRET, "logins": [{"id": "source", "password": SECRET}]}
    (folder, job), deleted = jvm.declare([(JOB, {"APP": json.dumps(app)})], [])
    assert deleted == []
    assert (folder.path, folder.kind, folder.description) == ("acme", "folder", "slipway: acme")
    assert [(each.id, each.username, each.secret) for each in folder.credentials] == [("source", "u", SECRET)]
    assert (job.path, job.concurrent, job.builds_to_keep, job.gitlab_connection) == ("acme/alice-shop", False, 50, "gitlab")
    assert job.parameters == (
        Parameter(name="BRANCH", default="main", description="what to build"),
        Parameter(name="ACTION", kind="choice", default="publish", choices=("publish", "rollback")),
    )
    assert job.gitlab_trigger == {"triggerOnPush": True, "branchFilterType": "NameBasedFilter", "secretToken": SECRET}
    assert job.environment == {"NAME": "value"}
    assert job.definition
    assert job.definition.path == "build.Jenkinsfile"
    assert job.definition.scm == Scm(url="http://git/p.git", revision="refs/tags/v1", credential="pipeline")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("folder('a') {\n  descripton('x')\n}", "script 1, line 2: No signature of method: folder.descripton()"),
        ("pipelineJob('a') { triggers { gitlab { triggerOnPus(true) } } }", "gitlab.triggerOnPus()"),
        (
            "pipelineJob('a') { triggers { gitlab { triggerOnPush('true') } } }",
            "gitlab.triggerOnPush() is applicable for argument types: (java.lang.String)",
        ),
        (f"folder('a') {{ properties {{ {STORE} {{ credentials {{ string {{ id('x') }} }} }} }} }} }} }}", "credentials.string()"),
        (f"folder('a') {{ passwort('{SECRET}') }}", "folder.passwort()"),
        ("pipelineJob('none/a')", 'Could not create item, unknown parent path in "none/a"'),
        ("println NAME", "No such property: NAME"),
        ("folder('a') {", "script 1: 1:"),
        ("jenkins.model.Jenkins.get().doQuietDown()", "doQuietDown()"),
        ("pipelineJob('a') { parameters { stringParam('A'); stringParam('A') } }", "parameter A already defined"),
    ],
)
def test_what_job_dsl_does_not_know_is_refused(jvm: Jvm, text: str, reason: str) -> None:
    with pytest.raises(DslError) as caught:
        jvm.declare([(text, {})], [])
    assert reason in str(caught.value)
    assert SECRET not in str(caught.value)


def test_the_failing_script_is_named_by_its_number(jvm: Jvm) -> None:
    with pytest.raises(DslError, match=r"^script 2, line 1: "):
        jvm.declare([("folder('a')", {}), ("folder('b') { nothing() }", {})], [])


def test_undeclared_items_are_deleted_with_what_lies_below(jvm: Jvm) -> None:
    text = """
        def root = jenkins.model.Jenkins.get()
        root.getItemByFullName('acme')?.items?.findAll { !(it.name in ['stays']) }*.delete()
        root.items.findAll { it.description?.startsWith('slipway: ') && it.name != 'acme' }*.delete()
    """
    items = [
        "acme folder slipway: acme",
        "acme/stays job x",
        "acme/goes job x",
        "old folder slipway: old",
        "old/below job x",
        "mine folder mine",
    ]
    _, deleted = jvm.declare([("folder('acme')", {}), (text, {})], items)
    assert deleted == ["acme/goes", "old", "old/below"]


def test_scripts_of_jcasc_run_without_a_sandbox(jvm: Jvm) -> None:
    (folder,), _ = jvm.declare([("folder(new File('/etc').directory && System.getenv('PATH') ? 'a' : 'b')", {})], [])
    assert folder.path == "a"


def test_the_scripts_of_the_product_compile(jvm: Jvm) -> None:
    files = [
        *ROOT.glob("components/jcasc/*.groovy"),
        *ROOT.glob("gitops/pipeline/*Jenkinsfile"),
        *ROOT.glob("gitops/pipeline/vars/*.groovy"),
    ]
    assert files
    errors = {str(file): jvm.compile(str(file.relative_to(ROOT)), file.read_text()) for file in files}
    assert not any(errors.values()), errors
    assert jvm.compile("build.Jenkinsfile", "echo 'a'\necho (") == ["build.Jenkinsfile: 2: Unexpected input: 'echo ('"]


def test_the_jobs_of_the_product(jvm: Jvm) -> None:
    application = jcasc.application(
        name="alice-shop", title="acme/alice/shop", repository="http://gitlab.dev.test/acme/alice-shop.git", branch="main",
        workspace="acme", user="alice", project="shop", port=8080, domain="dev.test", host="", hook="hook-token",
    )  # fmt: skip
    provided, script = jcasc.workspace_jobs(
        folder="acme",
        description="slipway dev: acme",
        pipeline="http://gitlab.dev.test/pipeline.git",
        revision="refs/tags/platform-1",
        build=[jcasc.login("registry", "pushes", "robot", "pushes-images")],
        update=[jcasc.login("gitops", "commits", "bot", "commits-releases")],
        applications=[application],
    )
    there = ["acme folder slipway dev: acme", "acme/build folder x", "acme/build/gone job x"]
    declared, deleted = jvm.declare([(script["script"], provided["providedEnv"])], there)
    items = {item.path: item for item in declared}
    assert set(items) == {"acme", "acme/build", "acme/update", "acme/build/alice-shop", "acme/update/alice-shop"}
    assert deleted == ["acme/build/gone"]
    build, update = items["acme/build/alice-shop"], items["acme/update/alice-shop"]
    assert [each.name for each in build.parameters][:3] == ["BRANCH", "REPOSITORY_URL", "WORKSPACE_ID"]
    assert len(build.parameters) == 8
    assert {"ACTION", "TAG", "CUSTOM_DOMAIN"} <= {each.name for each in update.parameters}
    assert build.gitlab_trigger is not None
    assert build.gitlab_trigger["secretToken"] == "hook-token"
    assert update.gitlab_trigger is None
    assert not build.concurrent
    assert not update.concurrent
    assert [each.secret for each in items["acme/build"].credentials] == ["pushes-images"]
    assert [each.secret for each in items["acme/update"].credentials] == ["commits-releases"]
    for job in (build, update):
        assert job.definition is not None
        assert job.definition.scm == Scm(url="http://gitlab.dev.test/pipeline.git", revision="refs/tags/platform-1", credential="pipeline")
