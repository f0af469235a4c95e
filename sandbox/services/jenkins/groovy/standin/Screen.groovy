package standin

import groovy.transform.CompileStatic
import org.codehaus.groovy.ast.AnnotatedNode
import org.codehaus.groovy.ast.AnnotationNode
import org.codehaus.groovy.ast.ClassCodeVisitorSupport
import org.codehaus.groovy.ast.ClassNode
import org.codehaus.groovy.ast.ImportNode
import org.codehaus.groovy.ast.MethodNode
import org.codehaus.groovy.ast.ASTNode
import org.codehaus.groovy.ast.expr.ConstantExpression
import org.codehaus.groovy.ast.expr.DeclarationExpression
import org.codehaus.groovy.ast.expr.Expression
import org.codehaus.groovy.ast.expr.ListExpression
import org.codehaus.groovy.classgen.GeneratorContext
import org.codehaus.groovy.control.CompilePhase
import org.codehaus.groovy.control.SourceUnit
import org.codehaus.groovy.control.customizers.CompilationCustomizer
import org.codehaus.groovy.control.messages.SyntaxErrorMessage
import org.codehaus.groovy.syntax.SyntaxException
import org.jenkinsci.plugins.scriptsecurity.sandbox.RejectedAccessException

/** What is looked at before anything is resolved: annotations (some run code while compiling), imports, classes, Declarative's form. */
@CompileStatic
class Screen extends CompilationCustomizer {
    private static final Set<String> FIELD = ['Field', 'groovy.transform.Field'] as Set
    private static final Set<String> DROPPED = ['NonCPS', 'com.cloudbees.groovy.cps.NonCPS', 'SuppressWarnings'] as Set
    private static final Set<String> RESERVED = ['run', 'main', 'getProperty', 'setProperty', 'invokeMethod', 'methodMissing',
        'propertyMissing',
        'getMetaClass', 'setMetaClass', 'getBinding', 'setBinding', 'evaluate', 'dslCall', 'dslGet', 'dslSet'] as Set
    private final Set<String> libraries

    /** `libraries` collects what @Library names. */
    Screen(Set<String> libraries) {
        super(CompilePhase.CONVERSION)
        this.libraries = libraries
    }

    @Override
    void call(SourceUnit source, GeneratorContext context, ClassNode node) {
        if (!node.script || node != source.AST.classes.find { ClassNode each -> each.script }) {
            report(source, node, "class ${node.name}: the stand-in evaluates scripts without classes of their own; use functions and maps")
            return
        }
        imports(source)
        node.methods.each { MethodNode method ->
            if (method.name in RESERVED && !(method.name in ['run', 'main'] && method.synthetic) && method.lineNumber > 0) {
                if (!(method.name == 'run' && method.parameters.length == 0 && method.code?.lineNumber == method.lineNumber)) {
                    report(source, method, "method ${method.name}: this name is reserved")
                }
            }
        }
        new Visitor(source).visitClass(node)
        new DeclarativeForm(source).check(node)
    }

    private void imports(SourceUnit source) {
        def module = source.AST
        (module.imports + module.starImports + module.staticImports.values() + module.staticStarImports.values()).each { ImportNode each ->
            annotations(source, each)
            def name = each.className ?: each.packageName
            if (each.star ? !Allowed.starImport(name) : !Allowed.importable(name)) {
                report(source, each, rejected("class ${name}${each.star ? '*' : ''} in an import"))
            }
        }
        if (module.package != null) {
            annotations(source, module.package)
        }
    }

    private void annotations(SourceUnit source, AnnotatedNode node) {
        node.annotations.removeAll { AnnotationNode each -> dropped(source, each) }
    }

    private boolean dropped(SourceUnit source, AnnotationNode annotation) {
        def name = annotation.classNode.name
        if (annotation.lineNumber < 1) {
            // Groovy's own, for the base class of scripts.
            return false
        }
        if (name in ['Library', 'org.jenkinsci.plugins.workflow.libs.Library']) {
            return library(source, annotation)
        }
        if (!(name in FIELD) && !(name in DROPPED)) {
            report(source, annotation, "Annotation ${name} cannot be used in the sandbox.")
        }
        !(name in FIELD)
    }

    private boolean library(SourceUnit source, AnnotationNode annotation) {
        def value = annotation.getMember('value')
        def each = value instanceof ListExpression ? ((ListExpression) value).expressions : [value]
        each.each { Expression name ->
            if (name instanceof ConstantExpression) {
                libraries.add(String.valueOf(((ConstantExpression) name).value))
            } else {
                report(source, annotation, '@Library value was not a string constant')
            }
        }
        true
    }

    static String rejected(String signature) {
        def error = new RejectedAccessException(signature)
        "${error.class.name}: ${error.message}"
    }

    static void report(SourceUnit source, ASTNode node, String message) {
        def found = new SyntaxException(message, node.lineNumber, node.columnNumber, node.lastLineNumber, node.lastColumnNumber)
        source.errorCollector.addErrorAndContinue(new SyntaxErrorMessage(found, source))
    }

    private class Visitor extends ClassCodeVisitorSupport {
        final SourceUnit sourceUnit

        Visitor(SourceUnit source) {
            sourceUnit = source
        }

        @Override
        void visitAnnotations(AnnotatedNode node) {
            annotations(sourceUnit, node)
        }

        @Override
        void visitDeclarationExpression(DeclarationExpression expression) {
            annotations(sourceUnit, expression)
            super.visitDeclarationExpression(expression)
        }
    }
}
