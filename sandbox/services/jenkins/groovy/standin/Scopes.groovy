package standin

import groovy.transform.CompileStatic
import org.codehaus.groovy.runtime.InvokerHelper

/** Names without a receiver inside of closures: searched in owner and delegate as Groovy does, with Checker's rules for what is found. */
@CompileStatic
class Scopes {
    private static final List<String> OF_CLOSURE = ['delegate', 'owner', 'thisObject', 'resolveStrategy', 'directive']

    static Object call(Closure self, String name, Object[] arguments) {
        if (name == 'call') {
            return Checker.checked(self, name, arguments)
        }
        def found = search(self) { Object target -> callOn(target, name, arguments) }
        if (found.is(DslObject.NONE)) {
            throw script(self)?.unknown(name) ?: new NoSuchMethodError("No such DSL method '${name}'")
        }
        found
    }

    static Object get(Closure self, String name) {
        if (name in OF_CLOSURE) {
            return InvokerHelper.getProperty(self, name)
        }
        Flow.tick()
        def found = search(self) { Object target -> getOn(target, name) }
        if (found.is(DslObject.NONE)) {
            throw new MissingPropertyException("No such property: ${name} for class: groovy.lang.Binding")
        }
        found
    }

    static void set(Closure self, String name, Object value) {
        if (name in ['delegate', 'resolveStrategy']) {
            InvokerHelper.setProperty(self, name, value)
            return
        }
        Flow.tick()
        def found = search(self) { Object target -> setOn(target, name, value) ? Boolean.TRUE : DslObject.NONE }
        if (found.is(DslObject.NONE)) {
            throw new MissingPropertyException("No such property: ${name} for class: groovy.lang.Binding")
        }
    }

    private static PipelineScript script(Closure self) {
        self.thisObject instanceof PipelineScript ? (PipelineScript) self.thisObject : null
    }

    /** Ask one target after the other, in the order of the closure's strategy, until one knows the name. */
    private static Object search(Closure self, Closure ask) {
        for (target in targets(self)) {
            def found = target instanceof Closure ? search((Closure) target, ask) : target == null ? DslObject.NONE : ask.call(target)
            if (!found.is(DslObject.NONE)) {
                return found
            }
        }
        DslObject.NONE
    }

    private static List targets(Closure self) {
        def owner = self.owner
        def delegate = self.delegate
        switch (self.resolveStrategy) {
            case Closure.DELEGATE_FIRST: return delegate.is(owner) ? [owner] : [delegate, owner]
            case Closure.OWNER_ONLY: return [owner]
            case Closure.DELEGATE_ONLY: return [delegate]
            case Closure.TO_SELF: return []
            default: return delegate.is(owner) ? [owner] : [owner, delegate]
        }
    }

    private static Object callOn(Object target, String name, Object[] arguments) {
        if (target instanceof PipelineScript) {
            return ((PipelineScript) target).knows(name) ? Checker.checked(target, name, arguments) : DslObject.NONE
        }
        if (target instanceof DslObject) {
            return ((DslObject) target).dslCall(name, arguments)
        }
        if (target instanceof Class) {
            return PipelineScript.owns((Class) target, name) ? Checker.checked(target, name, arguments) : DslObject.NONE
        }
        if (target instanceof Map && ((Map) target)[name] instanceof Closure) {
            return Checker.checked(((Map) target)[name], 'call', arguments)
        }
        if (Allowed.method(target, name) && InvokerHelper.getMetaClass(target).respondsTo(target, name, arguments)) {
            return Checker.checked(target, name, arguments)
        }
        DslObject.NONE
    }

    private static Object getOn(Object target, String name) {
        if (target instanceof DslObject) {
            return ((DslObject) target).dslGet(name)
        }
        if (target instanceof Map) {
            return ((Map) target)[name]
        }
        if (target instanceof Class || InvokerHelper.getMetaClass(target).hasProperty(target, name) == null) {
            return DslObject.NONE
        }
        Access.getProperty(target, false, false, name)
    }

    private static boolean setOn(Object target, String name, Object value) {
        if (target instanceof DslObject) {
            return ((DslObject) target).dslSet(name, value)
        }
        if (target instanceof Map) {
            ((Map) target)[name] = value
            return true
        }
        false
    }
}
