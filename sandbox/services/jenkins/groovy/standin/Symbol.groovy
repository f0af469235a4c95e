package standin

import groovy.transform.CompileStatic

/** A named value for a step's argument, as `usernamePassword(...)`: a map that says its kind. */
@CompileStatic
class Symbol extends LinkedHashMap<String, Object> {
    /** Kinds of the long form `[$class: ...]`. */
    private static final Map<String, String> CLASSES = [
        UsernamePasswordMultiBinding: 'usernamePassword', UsernamePasswordBinding: 'usernameColonPassword', StringBinding: 'string',
            FileBinding: 'file',
        StringParameterValue: 'string', BooleanParameterValue: 'booleanParam', TextParameterValue: 'text', GitSCM: 'scmGit',
    ]

    Symbol(String kind, Map fields) {
        put('kind', kind)
        fields.each { Object key, Object value -> put(String.valueOf(key), value) }
    }

    static Object normal(Object value) {
        if (value instanceof Map && ((Map) value).containsKey('$class')) {
            def map = (Map) value
            def name = String.valueOf(map['$class']).tokenize('.').last()
            return new Symbol(CLASSES[name] ?: name, map.findAll { key, each -> key != '$class' })
        }
        value instanceof List ? ((List) value).collect { normal(it) } : value
    }
}
