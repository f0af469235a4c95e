package standin.jobdsl

/** What a context was told. Its own functions have names that no context uses. */
class Node {
    private static final ThreadLocal<Node> READING = new ThreadLocal<>()
    final Spec dslSpec
    final String dslPath
    private final List<List> told = []

    Node(Spec spec, String path = '') {
        dslSpec = spec
        dslPath = path
    }

    /** The name, which Job DSL gives to items. */
    String getName() {
        dslPath
    }

    Node dslEvaluate(Closure body) {
        if (body != null) {
            def copy = body.clone()
            copy.delegate = this
            copy.resolveStrategy = Closure.DELEGATE_FIRST
            def outer = READING.get()
            READING.set(this)
            try {
                copy.call()
            } finally {
                READING.set(outer)
            }
        }
        this
    }

    Object methodMissing(String name, Object given) {
        def arguments = given as Object[]
        def forms = dslSpec.words[name]
        def form = forms?.find { fits(it, arguments as List) }
        if (form == null) {
            throw dslUnknown(name, arguments)
        }
        if (form.any { it instanceof Spec.Unsupported }) {
            throw new DslFailure("${dslSpec.label}.${name}: Job DSL knows it, the stand-in has nothing that it could change")
        }
        def index = form.findIndexOf { unwrapped(it) instanceof Spec }
        def body = index >= 0 && index < arguments.length ? arguments[index] : null
        def plain = arguments.findAll { !(it instanceof Closure) }.collect { it instanceof GString ? it.toString() : it }
        told << [name, plain, index < 0 ? null : new Node(unwrapped(form[index]), name).dslEvaluate(body)]
        null
    }

    /** The innermost context that is being read, or null. */
    static Node dslReading() {
        READING.get()
    }

    NoMethod dslUnknown(String name, Object[] arguments) {
        def forms = dslSpec.words[name]
        def hint = forms ? '; expected ' + forms.collect { one -> '(' + one.collect { shown(it) }.join(', ') + ')' }.join(' or ') : ''
        new NoMethod(dslSpec.label, name, arguments, hint)
    }

    private static Object unwrapped(Object type) {
        type instanceof Spec.Optional ? type.type : type
    }

    private static boolean fits(List form, List arguments) {
        def required = form.count { !(it instanceof Spec.Optional) }
        if (arguments.size() > form.size() || arguments.size() < required) {
            return form.any { it instanceof Spec.Unsupported }
        }
        (0..<arguments.size()).every { i -> taken(unwrapped(form[i]), arguments[i]) }
    }

    private static boolean taken(Object type, Object value) {
        switch (type) {
            case Spec: return value instanceof Closure
            case Spec.Choice: return value?.toString() in type.values
            case Spec.Unsupported: return true
            default: return type.takes(value)
        }
    }

    private static String shown(Object type) {
        switch (type) {
            case Spec: return 'block'
            case Spec.Optional: return '[' + shown(type.type) + ']'
            case Spec.Choice: return 'one of ' + type.values.join(', ')
            case Spec.Unsupported: return '...'
            default: return [TEXT: 'String', FLAG: 'boolean', INT: 'int', TEXTS: 'List<String>', MAP: 'Map', RAW: 'Object'][type.name()]
        }
    }

    /** The arguments of each call of a name. */
    List<List> dslCalls(String name) {
        told.findAll { it[0] == name }.collect { it[1] }
    }

    /** The first argument of the last call, or `otherwise`. */
    Object dslValue(String name, Object otherwise = null) {
        def calls = dslCalls(name)
        calls && calls.last() ? calls.last()[0] : otherwise
    }

    List<Node> dslChildren(String... names) {
        told.findAll { it[0] in names && it[2] != null }.collect { it[2] }
    }

    /** The last block of a name below the last block of the name before, or null. */
    Node dslChild(String... path) {
        path.inject(this) { node, name -> node?.dslChildren(name)?.with { it ? it.last() : null } }
    }

    /** The first arguments of all calls, in their order. */
    List dslNames() {
        told.collect { it[1] ? it[1][0] : null }
    }

    /** Everything said, as name to value. */
    Map<String, Object> dslValues() {
        told.collectEntries { [(it[0]): it[1] ? it[1][0] : true] }
    }
}
