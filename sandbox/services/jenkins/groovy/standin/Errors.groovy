package standin

import groovy.transform.CompileStatic
import hudson.AbortException
import org.codehaus.groovy.control.MultipleCompilationErrorsException
import org.codehaus.groovy.control.messages.SyntaxErrorMessage
import org.codehaus.groovy.runtime.InvokerInvocationException
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

import java.lang.reflect.InvocationTargetException
import java.lang.reflect.UndeclaredThrowableException

/** What exceptions mean: results, texts, lines. */
@CompileStatic
class Errors {
    static final List<String> ORDER = ['SUCCESS', 'UNSTABLE', 'FAILURE', 'NOT_BUILT', 'ABORTED'].asImmutable()

    static String worst(String one, String other) {
        one == null ? other : other == null ? one : ORDER[Math.max(ORDER.indexOf(one), ORDER.indexOf(other))]
    }

    /** A result's name, checked. */
    static String result(Object value) {
        String name = String.valueOf(value).toUpperCase()
        if (!(name in ORDER)) {
            throw new IllegalArgumentException("result ${value}: expected one of ${ORDER}")
        }
        name
    }

    static Throwable unwrap(Throwable error) {
        Throwable found = error
        while (found.cause != null
            && (found instanceof InvokerInvocationException || found instanceof InvocationTargetException ||
                found instanceof UndeclaredThrowableException)) {
            found = found.cause
        }
        found
    }

    static String resultOf(Throwable error) {
        error instanceof FlowInterruptedException ? error.result : error instanceof AbortException ? error.result : 'FAILURE'
    }

    /** The text for the log: no trace, the class only where the message alone says too little. */
    static String text(Throwable error) {
        if (error instanceof AbortException) {
            return 'ERROR: ' + error.message
        }
        if (error instanceof FlowInterruptedException) {
            return error.message
        }
        if (error instanceof MultipleCompilationErrorsException) {
            return 'org.codehaus.groovy.control.MultipleCompilationErrorsException: startup failed:\n' + compilation(error).join('\n')
        }
        if (error instanceof StackOverflowError) {
            return 'java.lang.StackOverflowError'
        }
        int line = line(error)
        "${error.class.name}: ${error.message}" + (line > 0 ? "\n\tat ${file(error)}:${line}" : '')
    }

    /** The errors of a compilation, as `name: line: message`. */
    static List<String> compilation(MultipleCompilationErrorsException error) {
        error.errorCollector.errors.collect { Object each ->
            if (each instanceof SyntaxErrorMessage) {
                def cause = ((SyntaxErrorMessage) each).cause
                return "${cause.sourceLocator}: ${cause.startLine}: ${cause.originalMessage}".toString()
            }
            def writer = new StringWriter()
            ((org.codehaus.groovy.control.messages.Message) each).write(new PrintWriter(writer))
            writer.toString().trim()
        }
    }

    /** An error in a pipeline's form, with the line that is being evaluated. */
    static AbortException structure(String message) {
        def error = new AbortException(message)
        int line = line(error)
        new AbortException(line > 0 ? "${file(error)}: ${line}: ${message}".toString() : message)
    }

    static int line(Throwable error) {
        element(error)?.lineNumber ?: 0
    }

    static String file(Throwable error) {
        element(error)?.fileName ?: ''
    }

    private static StackTraceElement element(Throwable error) {
        error.stackTrace.find { it.lineNumber > 0 && Compiler.isScript(it.fileName) }
    }
}
