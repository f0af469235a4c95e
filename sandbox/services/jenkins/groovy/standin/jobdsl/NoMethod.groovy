package standin.jobdsl

/** A context does not know a method. The message has the arguments' types only: their values may be secrets. */
class NoMethod extends MissingMethodException {
    private final String context
    private final String hint

    NoMethod(String context, String method, Object[] arguments, String hint = '') {
        super(method, Node, arguments)
        this.context = context
        this.hint = hint
    }

    static String text(String context, String method, Object[] arguments) {
        def types = arguments.collect { it == null ? 'null' : it instanceof Closure ? 'groovy.lang.Closure' : it.class.name }
        "No signature of method: ${context}.${method}() is applicable for argument types: (${types.join(', ')})"
    }

    @Override
    String getMessage() {
        text(context, method, arguments) + hint
    }
}
