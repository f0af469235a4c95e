package standin

import groovy.transform.CompileStatic
import org.codehaus.groovy.runtime.InvokerHelper
import org.jenkinsci.plugins.scriptsecurity.sandbox.RejectedAccessException

/** Where the code of sandboxed scripts comes through: looks whether it may, and does it. */
@CompileStatic
class Checker {
    static void tick() {
        Flow.tick()
    }

    static Object first(Object one, Object other) {
        one
    }

    static Object call(Object receiver, boolean safe, boolean spread, boolean implicit, Object named, List arguments) {
        Flow.tick()
        def name = String.valueOf(named)
        if (spread && receiver != null) {
            def each = receiver instanceof Map ? ((Map) receiver).entrySet() : receiver
            return InvokerHelper.asIterator(checkedIterable(each)).collect { it == null ? null : call(it, false, false, false, name,
                arguments) }
        }
        if (receiver == null) {
            if (safe || spread) {
                return null
            }
            if (name == 'toString' || name == 'equals' || name == 'is') {
                return name == 'toString' ? 'null' : arguments[0] == null
            }
            throw new NullPointerException("Cannot invoke method ${name}() on null object")
        }
        def given = arguments.toArray()
        implicit && receiver instanceof Closure ? Scopes.call((Closure) receiver, name, given) : checked(receiver, name, given)
    }

    private static Object checkedIterable(Object each) {
        if (each instanceof Iterable || each instanceof Iterator || each.class.array) {
            return each
        }
        [each]
    }

    /** Call a method of an object, if it is one of those that scripts may call. */
    static Object checked(Object receiver, String name, Object[] arguments) {
        if (receiver instanceof DslObject) {
            def found = ((DslObject) receiver).dslCall(name, arguments)
            if (found.is(DslObject.NONE)) {
                throw new RejectedAccessException("method ${receiver.class.name} ${name}${types(arguments)}")
            }
            return found
        }
        if (receiver instanceof Class) {
            return onClass((Class) receiver, name, arguments)
        }
        if (name == 'asType' && arguments.length == 1 && arguments[0] instanceof Class && Allowed.convertible((Class) arguments[0])) {
            return invoke { InvokerHelper.invokeMethod(receiver, name, arguments) }
        }
        if (!Allowed.method(receiver, name)) {
            throw new RejectedAccessException(Signatures.method(receiver, name, arguments))
        }
        if (receiver instanceof Closure && (name == 'call' || name == 'doCall')) {
            return invoke { InvokerHelper.invokeMethod(receiver, 'call', arguments) }
        }
        invoke { InvokerHelper.invokeMethod(receiver, name, arguments) }
    }

    private static Object onClass(Class type, String name, Object[] arguments) {
        if (PipelineScript.isAssignableFrom(type) && type != PipelineScript && PipelineScript.owns(type, name)) {
            return invoke { InvokerHelper.invokeMethod(type, name, arguments) }
        }
        if (!Allowed.staticAccess(type, name)) {
            throw new RejectedAccessException(Signatures.onClass(type, name, arguments))
        }
        invoke { InvokerHelper.invokeStaticMethod(type, name, arguments) }
    }

    static Object construct(Class type, List arguments) {
        Flow.tick()
        if (!Allowed.construction(type)) {
            throw new RejectedAccessException(Signatures.construction(type, arguments.toArray()))
        }
        invoke { InvokerHelper.invokeConstructorOf(type, arguments.toArray()) }
    }

    /** A conversion that would construct something. */
    static Object reject(Class type, Object value) {
        throw new RejectedAccessException(Signatures.construction(type,
            value instanceof Collection ? ((Collection) value).toArray() : [value] as Object[]))
    }

    static Closure pointer(Object receiver, Object named) {
        def name = String.valueOf(named)
        return { Object... arguments -> checked(receiver, name, arguments) }
    }

    static Object invoke(Closure body) {
        try {
            return body.call()
        } catch (Throwable error) {
            throw Errors.unwrap(error)
        }
    }

    private static String types(Object[] arguments) {
        arguments.collect { ' ' + (it == null ? 'null' : it.class.name) }.join('')
    }
}
