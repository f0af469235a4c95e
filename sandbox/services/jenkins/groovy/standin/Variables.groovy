package standin

/** Blocks that set environment variables. */
class Variables {
    static Object assigned(List overrides, Closure body) {
        def flow = Flow.current()
        Map<String, String> added = [:]
        overrides.each { each ->
            def text = each.toString()
            def (name, value) = text.contains('=') ? text.split('=', 2) as List : [text, '']
            added.putAll(override(name, value) { String it -> added.containsKey(it) ? added[it] : new Globals(flow.build,
                null).variable(it) })
        }
        flow.around(flow.context.withEnv(added)) { body() }
    }

    /** `PATH+X` puts its value in front; `$NAME` means the variable as it was before. */
    private static Map<String, String> override(String name, String value, Closure<String> old) {
        def text = value.replaceAll(/\$\{(\w+)\}|\$(\w+)/) { List<String> it -> old(it[1] ?: it[2]) ?: it[0] }
        def plus = name.indexOf('+')
        if (plus < 0) {
            return [(name): text]
        }
        def variable = name.substring(0, plus)
        def before = old(variable)
        [(variable): before ? text + ':' + before : text]
    }

    /** Inside of credentials' variables. */
    static Object bound(List bindings, Closure body) {
        def flow = Flow.current()
        def opened = flow.call('credentials.open', [bindings: bindings]) as Map
        flow.around(flow.context.withEnv(Values.texts(opened.env as Map))) {
            try {
                return body()
            } finally {
                flow.finish('credentials.close', opened.findAll { key, value -> key != 'env' })
            }
        }
    }
}
