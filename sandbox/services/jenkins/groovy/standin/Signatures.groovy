package standin

import groovy.transform.CompileStatic
import org.codehaus.groovy.runtime.DefaultGroovyMethods
import org.codehaus.groovy.runtime.ProcessGroovyMethods
import org.codehaus.groovy.runtime.ResourceGroovyMethods
import org.codehaus.groovy.runtime.StringGroovyMethods

import java.lang.reflect.Executable
import java.lang.reflect.Modifier

/** Names of what was refused, as Jenkins' script security writes them. */
@CompileStatic
class Signatures {
    private static final List<Class> GROOVY = [ProcessGroovyMethods, ResourceGroovyMethods, StringGroovyMethods,
        DefaultGroovyMethods] as List<Class>

    static String method(Object receiver, String name, Object[] arguments) {
        def found = fitting(receiver.class.methods.findAll { it.name == name && !Modifier.isStatic(it.modifiers) } as List<Executable>,
            arguments)
        if (found != null) {
            return "method ${found.declaringClass.name} ${name}${types(found.parameterTypes)}"
        }
        for (type in GROOVY) {
            def given = ([receiver] + (arguments as List)) as Object[]
            found = fitting(type.methods.findAll { it.name == name } as List<Executable>, given)
            if (found != null) {
                return "staticMethod ${type.name} ${name}${types(found.parameterTypes)}"
            }
        }
        "method ${receiver.class.name} ${name}${types(classes(arguments))}"
    }

    static String onClass(Class type, String name, Object[] arguments) {
        def found = fitting(type.methods.findAll { it.name == name && Modifier.isStatic(it.modifiers) } as List<Executable>, arguments)
        if (found != null) {
            return "staticMethod ${found.declaringClass.name} ${name}${types(found.parameterTypes)}"
        }
        def own = fitting(Class.class.getMethods().findAll { it.name == name } as List<Executable>, arguments)
        if (own != null) {
            return "method java.lang.Class ${name}${types(own.parameterTypes)}"
        }
        "staticMethod ${type.name} ${name}${types(classes(arguments))}"
    }

    static String construction(Class type, Object[] arguments) {
        def found = fitting(type.constructors as List<Executable>, arguments)
        "new ${type.name}${types(found == null ? classes(arguments) : found.parameterTypes)}"
    }

    static String property(Object receiver, String name) {
        method(receiver, 'get' + name.capitalize(), [] as Object[])
    }

    private static Executable fitting(List<Executable> all, Object[] arguments) {
        all.find { Executable each ->
            def wanted = each.parameterTypes
            wanted.length == arguments.length && (0..<wanted.length).every { int i ->
                arguments[i] == null || wanted[i].isInstance(arguments[i]) || (wanted[i] == String && arguments[i] instanceof GString)
            }
        }
    }

    private static Class[] classes(Object[] arguments) {
        arguments.collect { it == null ? Object : it.class } as Class[]
    }

    private static String types(Class[] each) {
        each.collect { ' ' + (it.array ? it.componentType.name + '[]' : it.name) }.join('')
    }
}
