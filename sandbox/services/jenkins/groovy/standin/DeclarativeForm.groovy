package standin

import groovy.transform.CompileStatic
import org.codehaus.groovy.ast.ASTNode
import org.codehaus.groovy.ast.ClassNode
import org.codehaus.groovy.ast.expr.BinaryExpression
import org.codehaus.groovy.ast.expr.ClosureExpression
import org.codehaus.groovy.ast.expr.ConstantExpression
import org.codehaus.groovy.ast.expr.Expression
import org.codehaus.groovy.ast.expr.GStringExpression
import org.codehaus.groovy.ast.expr.MethodCallExpression
import org.codehaus.groovy.ast.expr.TupleExpression
import org.codehaus.groovy.ast.expr.VariableExpression
import org.codehaus.groovy.ast.stmt.BlockStatement
import org.codehaus.groovy.ast.stmt.EmptyStatement
import org.codehaus.groovy.ast.stmt.ExpressionStatement
import org.codehaus.groovy.ast.stmt.Statement
import org.codehaus.groovy.control.SourceUnit
import org.codehaus.groovy.syntax.Types

/** Declarative's own syntax, which is narrower than Groovy's: sections hold sections, steps are calls, other Groovy is for `script`. */
@CompileStatic
class DeclarativeForm {
    private final SourceUnit source

    DeclarativeForm(SourceUnit source) {
        this.source = source
    }

    void check(ClassNode script) {
        statements(script.getMethod('run')?.code).each { Statement each ->
            def call = called(each)
            if (call != null && call.implicitThis && call.methodAsString == 'pipeline' && body(call) != null) {
                sections(body(call))
            }
        }
    }

    private void sections(ClosureExpression closure) {
        statements(closure.code).each { Statement each ->
            def call = called(each)
            if (call == null || !call.implicitThis || call.methodAsString == null) {
                Screen.report(source, each, 'Expected a section with its block; code belongs into script { } below steps')
                return
            }
            def inner = body(call)
            if (inner == null) {
                return
            }
            switch (call.methodAsString) {
                case 'stages':
                case 'stage':
                case 'parallel':
                    sections(inner)
                    break
                case 'post':
                    statements(inner.code).each { Statement condition ->
                        def conditional = body(called(condition))
                        if (conditional != null) {
                            steps(conditional)
                        }
                    }
                    break
                case 'steps':
                    steps(inner)
                    break
                case 'environment':
                    environment(inner)
            }
        }
    }

    private void steps(ClosureExpression closure) {
        statements(closure.code).each { Statement each ->
            def call = called(each)
            if (call == null) {
                Screen.report(source, each, 'Expected a step')
            } else if (!call.implicitThis) {
                Screen.report(source, each, 'Method calls on objects not allowed outside "script" blocks.')
            } else if (body(call) != null && call.methodAsString != 'script' && StepTable.has(call.methodAsString)) {
                steps(body(call))
            }
        }
    }

    private void environment(ClosureExpression closure) {
        statements(closure.code).each { Statement each ->
            def expression = each instanceof ExpressionStatement ? ((ExpressionStatement) each).expression : null
            def assigned = expression instanceof BinaryExpression && ((BinaryExpression) expression).operation.type == Types.EQUAL
                && ((BinaryExpression) expression).leftExpression instanceof VariableExpression
            if (!assigned) {
                Screen.report(source, each, 'Expected name = value pairs in environment')
            } else if (!value(((BinaryExpression) expression).rightExpression)) {
                Screen.report(source, each, 'Environment variable values must either be single quoted, double quoted, or function calls.')
            }
        }
    }

    private static boolean value(Expression found) {
        if (found instanceof BinaryExpression && ((BinaryExpression) found).operation.type == Types.PLUS) {
            return value(((BinaryExpression) found).leftExpression) && value(((BinaryExpression) found).rightExpression)
        }
        found instanceof GStringExpression || found instanceof MethodCallExpression
            || (found instanceof ConstantExpression && ((ConstantExpression) found).value instanceof String)
    }

    private static List<Statement> statements(Statement code) {
        code instanceof BlockStatement ? ((BlockStatement) code).statements.findAll { !(it instanceof EmptyStatement) } : []
    }

    private static MethodCallExpression called(ASTNode statement) {
        def expression = statement instanceof ExpressionStatement ? ((ExpressionStatement) statement).expression : null
        expression instanceof MethodCallExpression ? (MethodCallExpression) expression : null
    }

    private static ClosureExpression body(MethodCallExpression call) {
        def given = call?.arguments
        def last = given instanceof TupleExpression &&
            ((TupleExpression) given).expressions ? ((TupleExpression) given).expressions.last() : null
        last instanceof ClosureExpression ? (ClosureExpression) last : null
    }
}
