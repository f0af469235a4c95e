package standin

import groovy.transform.CompileStatic
import hudson.AbortException
import org.jenkinsci.plugins.scriptsecurity.sandbox.RejectedAccessException

/** The words of a pipeline: takes a call apart and does it. */
@CompileStatic
class Steps implements DslObject {
    final Build build
    final Globals globals
    private final Blocks blocks
    private Map before
    private boolean asked

    Steps(Build build) {
        this.build = build
        globals = new Globals(build, this)
        blocks = new Blocks(build)
    }

    boolean knows(String name) {
        name == 'pipeline' || StepTable.has(name) || StepTable.SYMBOLS.containsKey(name)
    }

    Throwable unknown(String name) {
        def method = Script.methods.find { it.name == name }
        if (method != null || Allowed.denied(name)) {
            def types = method == null ? '' : method.parameterTypes.collect { ' ' + it.name }.join('')
            return new RejectedAccessException("method ${method == null ? 'java.lang.Object' : method.declaringClass.name} ${name}${types}")
        }
        new NoSuchMethodError("No such DSL method '${name}' found among steps ${StepTable.names()}"
            + " or symbols ${StepTable.SYMBOLS.keySet().sort()}"
            + " or globals ${Globals.NAMES}")
    }

    @Override
    Object dslGet(String name) {
        NONE
    }

    @Override
    boolean dslSet(String name, Object value) {
        false
    }

    @Override
    Object dslCall(String name, Object[] arguments) {
        call(name, arguments)
    }

    /** The finished build before this one, {result, number}, or null. */
    Map previous() {
        if (!asked) {
            asked = true
            try {
                before = (Map) Flow.current().finish('previousBuild', [:])
            } catch (AbortException ignored) {
                before = null
            }
        }
        before
    }

    Object call(String name, Object[] given) {
        def flow = Flow.current()
        flow.check()
        if (name == 'pipeline') {
            return new Declarative(build, this).run((Closure) given[0])
        }
        def arguments = given as List
        Closure body = arguments && arguments.last() instanceof Closure ? (Closure) arguments.removeLast() : null
        if (StepTable.SYMBOLS.containsKey(name) && !StepTable.has(name)) {
            return new Symbol(name, named(StepTable.SYMBOLS[name], name, arguments))
        }
        if (!StepTable.has(name)) {
            throw unknown(name)
        }
        if (name == 'parallel') {
            return blocks.parallel(arguments ? (Map) arguments[0] : [:])
        }
        def values = checked(name, named(StepTable.parameters(name), name, arguments))
        if (StepTable.ON_NODE.contains(name) && flow.context.node == null) {
            throw new AbortException("Required context class hudson.FilePath is missing\nPerhaps you forgot to surround the ${name} step"
                + ' with a step that provides this, such as: node')
        }
        if (StepTable.BLOCKS.containsKey(name)) {
            if (body == null) {
                throw new IllegalStateException("There is no body to invoke: ${name} takes a block")
            }
            return blocks.call(name, values, body)
        }
        if (body != null) {
            throw new IllegalArgumentException("${name} takes no block")
        }
        simple(flow, name, values)
    }

    private Object simple(Flow flow, String name, Map<String, Object> values) {
        switch (name) {
            case 'print':
            case 'println':
                flow.log(String.valueOf(values['value']))
                return null
        }
        flow.log('[Pipeline] ' + name)
        switch (name) {
            case 'error':
                throw new AbortException(values['message'] == null ? '' : values['message'].toString())
            case 'unstable':
                flow.log('WARNING: ' + values['message'])
                flow.worsen('UNSTABLE')
                return null
            case 'library':
                build.libraries.load(String.valueOf(values['identifier']))
                return null
            case 'libraryResource':
                return build.libraries.resource(String.valueOf(values['resource']))
            case 'build':
                def answer = flow.call(name, values)
                return answer instanceof Map ? new Downstream((Map) answer) : answer
        }
        flow.call(name, values)
    }

    /** Arguments by name. */
    private static Map<String, Object> named(List<String> parameters, String name, List arguments) {
        if (arguments.empty) {
            return [:]
        }
        def first = arguments[0]
        if (first instanceof Map && !(first instanceof Symbol) && !((Map) first).containsKey('$class') && arguments.size() == 1) {
            Map<String, Object> made = [:]
            ((Map<?, ?>) first).each { Object key, Object value -> made[String.valueOf(key)] = Symbol.normal(value) }
            return made
        }
        if (arguments.size() > 1 || parameters.empty) {
            throw new IllegalArgumentException("Expected named arguments but got ${arguments.collect { Values.plain(it) }} (step ${name})")
        }
        def made = new LinkedHashMap<String, Object>()
        made.put(parameters[0].replace('!', ''), Symbol.normal(first))
        made
    }

    private Map<String, Object> checked(String name, Map<String, Object> values) {
        def known = StepTable.parameters(name)*.replace('!', '')
        def strange = values.keySet().findAll { !(it in known) }
        if (strange) {
            throw new IllegalArgumentException("step ${name}: unknown parameter ${strange.join(', ')}; expected ${known}")
        }
        StepTable.parameters(name).findAll { it.endsWith('!') }.each { String each ->
            if (values[each.replace('!', '')] == null) {
                throw new IllegalArgumentException("step ${name}: parameter ${each.replace('!', '')} is missing")
            }
        }
        values
    }

    /** What the step `build` returns. */
    static class Downstream implements DslObject {
        private final Map fields

        Downstream(Map fields) {
            this.fields = fields
        }

        Object dslCall(String name, Object[] arguments) {
            name.startsWith('get') && name.size() > 3 ? dslGet(name[3].toLowerCase() + name.substring(4)) : NONE
        }

        Object dslGet(String name) {
            fields.containsKey(name) ? fields[name] : name == 'currentResult' ? fields['result'] : NONE
        }

        boolean dslSet(String name, Object value) {
            false
        }
    }
}
