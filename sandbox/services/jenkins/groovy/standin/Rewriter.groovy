package standin

import groovy.transform.CompileStatic
import org.codehaus.groovy.ast.ClassHelper
import org.codehaus.groovy.ast.ClassNode
import org.codehaus.groovy.ast.DynamicVariable
import org.codehaus.groovy.ast.expr.*
import org.codehaus.groovy.control.SourceUnit
import org.codehaus.groovy.syntax.Token
import org.codehaus.groovy.syntax.Types

import static org.codehaus.groovy.ast.tools.GeneralUtils.constX
import static org.codehaus.groovy.ast.tools.GeneralUtils.classX

/** Replaces what a script may do to objects by calls of Checker. Operators stay: their operands come from checked calls. */
@CompileStatic
class Rewriter extends Declarations {
    private static final ClassNode ACCESS = ClassHelper.make(Access)
    private int closures

    Rewriter(SourceUnit source) {
        super(source)
    }

    @Override
    Expression transform(Expression found) {
        if (found == null) {
            return null
        }
        def made = replaced(found)
        if (!made.is(found) && made.lineNumber < 1) {
            made.sourcePosition = found
        }
        made
    }

    private Expression replaced(Expression found) {
        switch (found) {
            case DeclarationExpression: return declaration((DeclarationExpression) found)
            case BinaryExpression: return binary((BinaryExpression) found)
            case MethodCallExpression: return call((MethodCallExpression) found)
            case StaticMethodCallExpression:
                def call = (StaticMethodCallExpression) found
                return checker('call', classX(call.ownerType), constX(false), constX(false), constX(false), constX(call.method),
                    list(call.arguments))
            case ConstructorCallExpression: return construction((ConstructorCallExpression) found)
            case AttributeExpression: return refused(found, 'field access with .@')
            case PropertyExpression: return read((PropertyExpression) found)
            case VariableExpression: return variable((VariableExpression) found)
            case ClosureExpression: return closure((ClosureExpression) found)
            case CastExpression: return cast((CastExpression) found)
            case MethodPointerExpression:
                def pointer = (MethodPointerExpression) found
                return checker('pointer', transform(pointer.expression ?: self()), transform(pointer.methodName))
            case PostfixExpression: return stepped(found, ((PostfixExpression) found).expression, ((PostfixExpression) found).operation,
                true)
            case PrefixExpression: return stepped(found, ((PrefixExpression) found).expression, ((PrefixExpression) found).operation, false)
            case ConstantExpression:
            case ClassExpression:
            case EmptyExpression:
                return found
            default:
                return found.transformExpression(this)
        }
    }

    private static StaticMethodCallExpression access(String name, Expression... arguments) {
        new StaticMethodCallExpression(ACCESS, name, new ArgumentListExpression(arguments))
    }

    private Expression refused(Expression found, String what) {
        Screen.report(sourceUnit, found, Screen.rejected(what))
        found
    }

    private static StaticMethodCallExpression checker(String name, Expression... arguments) {
        new StaticMethodCallExpression(CHECKER, name, new ArgumentListExpression(arguments))
    }

    /** The closure itself inside of closures, where `this` means the script: what asWritable makes is owned by the closure. */
    private Expression self() {
        if (closures == 0) {
            return new VariableExpression('this')
        }
        def writable = new MethodCallExpression(new VariableExpression('this'), 'asWritable', ArgumentListExpression.EMPTY_ARGUMENTS)
        writable.implicitThis = true
        def owner = new MethodCallExpression(writable, 'getOwner', ArgumentListExpression.EMPTY_ARGUMENTS)
        owner.implicitThis = false
        owner
    }

    private Expression list(Expression arguments) {
        def each = arguments instanceof TupleExpression ? ((TupleExpression) arguments).expressions : [arguments]
        new ListExpression(each.collect { Expression one ->
            if (one instanceof NamedArgumentListExpression) {
                def entries = ((NamedArgumentListExpression) one).mapEntryExpressions
                return (Expression) new MapExpression(entries.collect { (MapEntryExpression) transform(it) })
            }
            transform(one)
        })
    }

    private Expression call(MethodCallExpression call) {
        def object = call.objectExpression
        if (object instanceof VariableExpression && ((VariableExpression) object).superExpression) {
            return refused(call, 'super')
        }
        def receiver = call.implicitThis ? self() : transform(object)
        checker('call', receiver, constX(call.safe), constX(call.spreadSafe), constX(call.implicitThis), transform(call.method),
            list(call.arguments))
    }

    private Expression construction(ConstructorCallExpression call) {
        call.specialCall ? call.transformExpression(this) : checker('construct', classX(call.type), list(call.arguments))
    }

    private Expression read(PropertyExpression found) {
        def object = found.objectExpression
        if (object instanceof VariableExpression && ((VariableExpression) object).superExpression) {
            return refused(found, 'super')
        }
        access('getProperty', transform(object), constX(found.safe), constX(found.spreadSafe), transform(found.property))
    }

    private static boolean dynamic(VariableExpression found) {
        found.accessedVariable instanceof DynamicVariable
    }

    private Expression variable(VariableExpression found) {
        if (found.superExpression) {
            return refused(found, 'super')
        }
        dynamic(found) ? access('getVariable', self(), constX(found.name)) : found
    }

    private Expression closure(ClosureExpression found) {
        parameters(found.parameters)
        closures++
        try {
            found.code.visit(this)
        } finally {
            closures--
        }
        found
    }

    private Expression cast(CastExpression found) {
        if (Allowed.convertible(found.type)) {
            return found.transformExpression(this)
        }
        checker('reject', classX(found.type), transform(found.expression))
    }

    private Expression declaration(DeclarationExpression found) {
        if (found.multipleAssignmentDeclaration) {
            found.tupleExpression.expressions.each { Expression each -> typed(each.type, each) }
        } else if (!Allowed.convertible(found.variableExpression.originType)) {
            def refusal = checker('reject', classX(found.variableExpression.originType), transform(found.rightExpression))
            return new DeclarationExpression(found.variableExpression, found.operation, refusal)
        }
        def made = new DeclarationExpression(found.leftExpression, found.operation, transform(found.rightExpression))
        made.addAnnotations(found.annotations)
        made
    }

    private Expression binary(BinaryExpression found) {
        int type = found.operation.type
        if (type == Types.LEFT_SQUARE_BRACKET) {
            return access('getIndex', transform(found.leftExpression), constX(found.safe), transform(found.rightExpression))
        }
        if (type == Types.EQUAL) {
            return assignment(found, found.leftExpression, transform(found.rightExpression))
        }
        if (Types.ofType(type, Types.ASSIGNMENT_OPERATOR)) {
            return compound(found)
        }
        def made = new BinaryExpression(transform(found.leftExpression), found.operation, transform(found.rightExpression))
        made.safe = found.safe
        made
    }

    private Expression compound(BinaryExpression found) {
        def left = found.leftExpression
        def right = transform(found.rightExpression)
        if (left instanceof VariableExpression && !dynamic((VariableExpression) left)) {
            return new BinaryExpression(left, found.operation, right)
        }
        def token = found.operation
        def value = token.text == '?='
            ? new ElvisOperatorExpression(transform(left), right)
            : new BinaryExpression(transform(left), Token.newSymbol(token.text[0..-2], token.startLine, token.startColumn), right)
        assignment(found, left, value)
    }

    private Expression assignment(Expression whole, Expression left, Expression value) {
        switch (left) {
            case VariableExpression:
                def variable = (VariableExpression) left
                return dynamic(variable)
                    ? access('setVariable', self(), constX(variable.name), value)
                    : new BinaryExpression(variable, Token.newSymbol(Types.EQUAL, whole.lineNumber, whole.columnNumber), value)
            case AttributeExpression:
                return refused(whole, 'field access with .@')
            case PropertyExpression:
                def property = (PropertyExpression) left
                return access('setProperty', transform(property.objectExpression), constX(property.safe), transform(property.property),
                    value)
            case BinaryExpression:
                def index = (BinaryExpression) left
                return access('setIndex', transform(index.leftExpression), transform(index.rightExpression), value)
            case TupleExpression:
                def locals = ((TupleExpression) left).expressions.every { it instanceof VariableExpression &&
                    !dynamic((VariableExpression) it) }
                if (locals) {
                    return new BinaryExpression(left, Token.newSymbol(Types.EQUAL, whole.lineNumber, whole.columnNumber), value)
                }
        }
        refused(whole, 'this assignment')
    }

    private Expression stepped(Expression whole, Expression operand, Token operation, boolean old) {
        if (operand instanceof VariableExpression && !dynamic((VariableExpression) operand)) {
            return whole
        }
        def sign = Token.newSymbol(operation.text == '++' ? Types.PLUS : Types.MINUS, operation.startLine, operation.startColumn)
        def assigned = assignment(whole, operand, new BinaryExpression(transform(operand), sign, constX(1)))
        old ? checker('first', transform(operand), assigned) : assigned
    }
}
