package standin

import groovy.transform.CompileStatic
import org.codehaus.groovy.ast.ASTNode
import org.codehaus.groovy.ast.ClassCodeExpressionTransformer
import org.codehaus.groovy.ast.ClassHelper
import org.codehaus.groovy.ast.ClassNode
import org.codehaus.groovy.ast.FieldNode
import org.codehaus.groovy.ast.MethodNode
import org.codehaus.groovy.ast.Parameter
import org.codehaus.groovy.ast.expr.ArgumentListExpression
import org.codehaus.groovy.ast.expr.StaticMethodCallExpression
import org.codehaus.groovy.ast.stmt.BlockStatement
import org.codehaus.groovy.ast.stmt.CatchStatement
import org.codehaus.groovy.ast.stmt.DoWhileStatement
import org.codehaus.groovy.ast.stmt.ExpressionStatement
import org.codehaus.groovy.ast.stmt.ForStatement
import org.codehaus.groovy.ast.stmt.LoopingStatement
import org.codehaus.groovy.ast.stmt.WhileStatement
import org.codehaus.groovy.control.SourceUnit

/** Types that a script names, and its loops. */
@CompileStatic
abstract class Declarations extends ClassCodeExpressionTransformer {
    protected static final ClassNode CHECKER = ClassHelper.make(Checker)
    final SourceUnit sourceUnit

    Declarations(SourceUnit source) {
        sourceUnit = source
    }

    @Override
    void visitMethod(MethodNode node) {
        parameters(node.parameters)
        typed(node.returnType, node)
        super.visitMethod(node)
    }

    @Override
    void visitField(FieldNode node) {
        typed(node.type, node)
        super.visitField(node)
    }

    @Override
    void visitCatchStatement(CatchStatement statement) {
        if (!statement.variable.type.isDerivedFrom(ClassHelper.make(Throwable))) {
            typed(statement.variable.type, statement)
        }
        super.visitCatchStatement(statement)
    }

    @Override
    void visitForLoop(ForStatement loop) {
        typed(loop.variable.type, loop)
        super.visitForLoop(loop)
        ticking(loop)
    }

    @Override
    void visitWhileLoop(WhileStatement loop) {
        super.visitWhileLoop(loop)
        ticking(loop)
    }

    @Override
    void visitDoWhileLoop(DoWhileStatement loop) {
        super.visitDoWhileLoop(loop)
        ticking(loop)
    }

    /** A loop that calls nothing can be stopped too. */
    private static void ticking(LoopingStatement loop) {
        def block = new BlockStatement()
        block.addStatement(new ExpressionStatement(new StaticMethodCallExpression(CHECKER, 'tick', ArgumentListExpression.EMPTY_ARGUMENTS)))
        block.addStatement(loop.loopBlock)
        loop.loopBlock = block
    }

    protected void parameters(Parameter[] parameters) {
        parameters?.each { Parameter each ->
            typed(each.type, each)
            if (each.hasInitialExpression()) {
                each.initialExpression = transform(each.initialExpression)
            }
        }
    }

    /** A declared type converts what is assigned, and a conversion can construct: only harmless types. */
    protected void typed(ClassNode type, ASTNode where) {
        if (!Allowed.convertible(type)) {
            Screen.report(sourceUnit, where, Screen.rejected("new ${type.name} in a conversion"))
        }
    }
}
