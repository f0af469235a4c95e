package standin

import groovy.transform.CompileStatic
import org.codehaus.groovy.control.CompilationUnit
import org.codehaus.groovy.control.CompilerConfiguration
import org.codehaus.groovy.control.MultipleCompilationErrorsException
import org.codehaus.groovy.control.Phases

/** Compiles scripts: sandboxed ones of pipelines, and Job DSL. */
@CompileStatic
class Compiler {
    private static final List<String> GLOBAL_TRANSFORMATIONS = ['groovy.grape.GrabAnnotationTransformation']

    /** Whether a line of a trace lies in a script of a build. */
    static boolean isScript(String file) {
        file == 'WorkflowScript' || file?.startsWith('vars/') || file?.startsWith('script ')
    }

    static CompilerConfiguration sandboxed(Set<String> libraries = null) {
        def configuration = new CompilerConfiguration()
        configuration.scriptBaseClass = PipelineScript.name
        configuration.disabledGlobalASTTransformations = GLOBAL_TRANSFORMATIONS as Set
        configuration.addCompilationCustomizers(new Screen(libraries == null ? new LinkedHashSet<String>() : libraries), new Sandbox())
        configuration
    }

    static CompilerConfiguration jobDsl() {
        def configuration = new CompilerConfiguration()
        configuration.scriptBaseClass = 'standin.jobdsl.JobDslScript'
        configuration.disabledGlobalASTTransformations = GLOBAL_TRANSFORMATIONS as Set
        configuration
    }

    /** The errors of a text, each with its line. `name` tells its kind: a Jenkinsfile, `vars/NAME.groovy`, or Job DSL. */
    static List<String> errors(String name, String text) {
        boolean pipeline = name.endsWith('Jenkinsfile') || name ==~ /(.*\/)?vars\/[^\/]+\.groovy/
        def configuration = pipeline ? sandboxed() : jobDsl()
        def unit = new CompilationUnit(configuration, null, new GroovyClassLoader(Compiler.classLoader, configuration))
        unit.addSource(name, text)
        try {
            unit.compile(Phases.CLASS_GENERATION)
        } catch (MultipleCompilationErrorsException failure) {
            return Errors.compilation(failure)
        }
        []
    }

    /** For the command line: print the errors of files and return the exit code. */
    static int check(List<String> files, PrintStream out) {
        def found = files.collectMany { String each -> errors(each, new File(each).getText('UTF-8')) }
        found.each { out.println(it) }
        found ? 1 : 0
    }
}
