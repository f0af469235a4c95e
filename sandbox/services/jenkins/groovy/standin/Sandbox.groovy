package standin

import groovy.transform.CompileStatic
import org.codehaus.groovy.ast.ClassNode
import org.codehaus.groovy.classgen.GeneratorContext
import org.codehaus.groovy.control.CompilePhase
import org.codehaus.groovy.control.SourceUnit
import org.codehaus.groovy.control.customizers.CompilationCustomizer

/** Has every call, access and construction of a script go through Checker. */
@CompileStatic
class Sandbox extends CompilationCustomizer {
    Sandbox() {
        super(CompilePhase.CANONICALIZATION)
    }

    @Override
    void call(SourceUnit source, GeneratorContext context, ClassNode node) {
        new Rewriter(source).visitClass(node)
    }
}
