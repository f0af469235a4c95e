package standin

import groovy.transform.CompileStatic
import org.codehaus.groovy.runtime.InvokerHelper

import java.util.concurrent.ConcurrentHashMap

/** A Jenkinsfile, or a file of a library's vars/. */
@CompileStatic
abstract class PipelineScript extends Script implements DslObject {
    private static final Map<Class, Set<String>> OWN = Collections.synchronizedMap(new WeakHashMap<Class, Set<String>>())
    Build build
    Steps steps

    /** Whether the script's text defines the method. */
    static boolean owns(Class type, String name) {
        def names = OWN[type]
        if (names == null) {
            names = type.declaredMethods*.name.findAll { String it -> !(it in ['run', 'main']) && !it.contains('$') }.toSet()
            OWN[type] = names
        }
        name in names
    }

    boolean knows(String name) {
        owns(getClass(), name) || held(name) || steps.knows(name)
    }

    private boolean held(String name) {
        binding.hasVariable(name) || build.libraries.has(name)
    }

    Throwable unknown(String name) {
        steps.unknown(name)
    }

    @Override
    Object dslCall(String name, Object[] arguments) {
        if (owns(getClass(), name) && (name == 'call' || InvokerHelper.getMetaClass(this).respondsTo(this, name, arguments))) {
            try {
                return InvokerHelper.getMetaClass(this).invokeMethod(this, name, arguments)
            } catch (Throwable error) {
                throw Errors.unwrap(error)
            }
        }
        if (held(name)) {
            return Checker.checked(dslGet(name), 'call', arguments)
        }
        steps.call(name, arguments)
    }

    @Override
    Object dslGet(String name) {
        if (binding.hasVariable(name)) {
            return binding.getVariable(name)
        }
        if (build.libraries.has(name)) {
            return build.libraries.get(name)
        }
        def property = InvokerHelper.getMetaClass(this).hasProperty(this, name)
        if (property instanceof MetaBeanProperty && ((MetaBeanProperty) property).field?.declaringClass == getClass()) {
            return property.getProperty(this)
        }
        steps.globals.get(name)
    }

    @Override
    boolean dslSet(String name, Object value) {
        binding.setVariable(name, value)
        true
    }
}
