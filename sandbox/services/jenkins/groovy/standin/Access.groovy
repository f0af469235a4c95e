package standin

import groovy.transform.CompileStatic
import org.codehaus.groovy.runtime.InvokerHelper
import org.jenkinsci.plugins.scriptsecurity.sandbox.RejectedAccessException

/** Variables, properties and indexes of sandboxed scripts. */
@CompileStatic
class Access {
    private static final List<String> OF_CLOSURE = ['delegate', 'owner', 'thisObject', 'resolveStrategy', 'directive']

    static Object getVariable(Object self, String name) {
        if (self instanceof Closure) {
            return Scopes.get((Closure) self, name)
        }
        getProperty(self, false, false, name)
    }

    static Object setVariable(Object self, String name, Object value) {
        if (self instanceof Closure) {
            Scopes.set((Closure) self, name, value)
            return value
        }
        setProperty(self, false, name, value)
    }

    static Object getProperty(Object receiver, boolean safe, boolean spread, Object named) {
        Flow.tick()
        def name = String.valueOf(named)
        if (receiver == null) {
            if (safe || spread) {
                return null
            }
            throw new NullPointerException("Cannot get property '${name}' on null object")
        }
        if (receiver instanceof DslObject) {
            def found = ((DslObject) receiver).dslGet(name)
            if (found.is(DslObject.NONE)) {
                def type = receiver instanceof Script ? 'groovy.lang.Binding' : receiver.class.name
                throw new MissingPropertyException("No such property: ${name} for class: ${type}")
            }
            return found
        }
        if (receiver instanceof Map && !spread) {
            return ((Map) receiver)[name]
        }
        if (receiver instanceof Collection || receiver.class.array || spread) {
            return InvokerHelper.asIterator(receiver).collect { it == null ? null : getProperty(it, false, false, name) }
        }
        if (receiver instanceof Class) {
            if (!Allowed.staticAccess((Class) receiver, name)) {
                throw new RejectedAccessException("staticField ${((Class) receiver).name} ${name}")
            }
        } else if (!(receiver instanceof Closure && name in OF_CLOSURE) && !readable(receiver, name)) {
            throw new RejectedAccessException(Signatures.property(receiver, name))
        }
        Checker.invoke { InvokerHelper.getProperty(receiver, name) }
    }

    private static boolean readable(Object receiver, String name) {
        def getter = 'get' + name.capitalize()
        !Allowed.denied(name) && !Allowed.denied(getter) && (Allowed.method(receiver, getter) || Allowed.method(receiver, 'is' +
            name.capitalize()))
    }

    static Object setProperty(Object receiver, boolean safe, Object named, Object value) {
        Flow.tick()
        def name = String.valueOf(named)
        if (receiver == null && safe) {
            return null
        }
        if (receiver instanceof DslObject && ((DslObject) receiver).dslSet(name, value)) {
            return value
        }
        if (receiver instanceof Map) {
            ((Map) receiver)[name] = value
            return value
        }
        if (receiver instanceof Closure && name in ['delegate', 'resolveStrategy']) {
            Checker.invoke { InvokerHelper.setProperty(receiver, name, value) }
            return value
        }
        if (receiver == null) {
            throw new NullPointerException("Cannot set property '${name}' on null object")
        }
        throw new RejectedAccessException("method ${receiver.class.name} set${name.capitalize()} ${value?.class?.name}")
    }

    static Object getIndex(Object receiver, boolean safe, Object index) {
        Flow.tick()
        if (receiver == null && safe) {
            return null
        }
        if (receiver instanceof Map) {
            return ((Map) receiver)[index]
        }
        if (index instanceof CharSequence) {
            return getProperty(receiver, false, false, index)
        }
        if (receiver == null) {
            throw new NullPointerException('Cannot invoke method getAt() on null object')
        }
        Checker.checked(receiver, 'getAt', [index] as Object[])
    }

    static Object setIndex(Object receiver, Object index, Object value) {
        Flow.tick()
        if (receiver instanceof Map) {
            ((Map) receiver)[index] = value
            return value
        }
        if (index instanceof CharSequence) {
            return setProperty(receiver, false, index, value)
        }
        if (receiver == null) {
            throw new NullPointerException('Cannot invoke method putAt() on null object')
        }
        Checker.checked(receiver, 'putAt', [index, value] as Object[])
        value
    }
}
