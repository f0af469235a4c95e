"""What pipelines in the stand-in for Jenkins may not do."""

from collections.abc import Iterator

import pytest

from sandbox.services.jenkins.jvm import Jvm
from sandbox.services.jenkins.model import FAILURE, SUCCESS
from tests.e2e.groovy import Recorded, run, started

REJECTED = "org.jenkinsci.plugins.scriptsecurity.sandbox.RejectedAccessException: Scripts not permitted to use "


@pytest.fixture(scope="module")
def jvm() -> Iterator[Jvm]:
    with started() as found:
        yield found


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("new File('/etc/passwd').text", "new java.io.File java.lang.String"),
        ("File f = ['/etc/passwd']", "new java.io.File java.lang.String"),
        ("def f = ['/etc/passwd'] as File", "new java.io.File java.lang.String"),
        ("['/etc/passwd'].asType(File)", "staticMethod org.codehaus.groovy.runtime.DefaultGroovyMethods asType"),
        ("def c = { File f -> f }; c(['/etc/passwd'])", "new java.io.File"),
        ("System.getenv('HOME')", "staticMethod java.lang.System getenv java.lang.String"),
        ("[1].each(System.&exit)", "staticMethod java.lang.System exit"),
        ("Runtime.getRuntime().exec('ls')", "staticMethod java.lang.Runtime getRuntime"),
        ("'ls'.execute()", "staticMethod org.codehaus.groovy.runtime.ProcessGroovyMethods execute java.lang.String"),
        (
            "def name = 'exec' + 'ute'; 'ls'.\"$name\"()",
            "staticMethod org.codehaus.groovy.runtime.ProcessGroovyMethods execute java.lang.String",
        ),
        ("'ls'.with { execute() }", "method java.lang.Object execute"),
        ("'x'.class", "method java.lang.Object getClass"),
        ("'x'['class']", "method java.lang.Object getClass"),
        ("['x']*.class", "method java.lang.Object getClass"),
        ("String.class.forName('java.io.File')", "method java.lang.Class forName java.lang.String"),
        ("'x'.metaClass", "staticMethod org.codehaus.groovy.runtime.DefaultGroovyMethods getMetaClass"),
        ("jenkins.model.Jenkins.get()", "staticMethod jenkins.model.Jenkins get"),
        ("import jenkins.model.Jenkins\nJenkins.get()", "class jenkins.model.Jenkins in an import"),
        ("evaluate('1')", "method groovy.lang.Script evaluate"),
        ("new GroovyShell().evaluate('1')", "new groovy.lang.GroovyShell"),
        ("Thread.start { }", "staticMethod java.lang.Thread start"),
        ("currentBuild.rawBuild", "method org.jenkinsci.plugins.workflow.support.steps.build.RunWrapper getRawBuild"),
        ("'http://x'.toURL()", "staticMethod org.codehaus.groovy.runtime.ResourceGroovyMethods toURL"),
        ("import java.net.*", "class java.net.* in an import"),
        ("'x'.@value", "field access"),
    ],
)
def test_ways_out_are_closed(jvm: Jvm, text: str, refused: str) -> None:
    recorded = Recorded()
    assert run(jvm, text, recorded) == FAILURE
    assert REJECTED + refused in "\n".join(recorded.log)


@pytest.mark.parametrize(
    "text", ["@Grab('a:b:1')\nimport java.util.List", "@groovy.transform.ASTTest(value = { System.exit(1) })\ndef f() { }"]
)
def test_annotations_that_act_while_compiling_are_refused(jvm: Jvm, text: str) -> None:
    recorded = Recorded()
    assert run(jvm, text, recorded) == FAILURE
    assert "cannot be used in the sandbox" in "\n".join(recorded.log)


def test_a_refusal_can_be_caught_and_changes_nothing(jvm: Jvm) -> None:
    recorded = Recorded()
    assert run(jvm, "try { System.exit(1) } catch (e) { echo e.message }", recorded) == SUCCESS
    assert recorded.said == ["Scripts not permitted to use staticMethod java.lang.System exit java.lang.Integer"]


def test_the_groovy_of_daily_use_is_allowed(jvm: Jvm) -> None:
    recorded = Recorded()
    text = """
        import groovy.json.JsonSlurperClassic
        import groovy.json.JsonOutput
        def parsed = new JsonSlurperClassic().parseText('{"a": [1, 2], "b": "x"}')
        def matcher = 'v1.2.3' =~ /v(\\d+)\\.(\\d+)/
        def (major, minor) = [matcher[0][1] as int, matcher[0][2].toInteger()]
        def sum = parsed.a.inject(0) { total, each -> total + each }
        def sorted = [b: 2, a: 1].sort { it.value }.collect { key, value -> "${key}=${value}" }.join(',')
        for (int i = 0; i < 2; i++) { sum += i }
        parsed.c = [*parsed.a, *[3]]
        parsed['d'] = (1..3).findAll { it % 2 } ?: null
        echo JsonOutput.toJson([major, minor, sum, sorted, parsed.c.size(), parsed?.d, 'a-b'.tokenize('-')*.toUpperCase(), Math.max(1, 2)])
    """
    assert run(jvm, text, recorded) == SUCCESS, recorded.log
    assert recorded.said == ['[1,2,4,"a=1,b=2",3,[1,3],["A","B"],2]']
