package standin

import groovy.transform.CompileStatic

/** Values between scripts and JSON. */
@CompileStatic
class Values {
    /** What JSON can hold: texts, numbers, booleans, lists and maps of them. */
    static Object plain(Object value) {
        switch (value) {
            case null:
            case Boolean:
            case Number:
                return value
            case Map:
                Map<String, Object> made = [:]
                ((Map<?, ?>) value).each { Object key, Object each -> made[String.valueOf(key)] = plain(each) }
                return made
            case Collection:
                return ((Collection) value).collect { plain(it) }
            case Object[]:
                return ((Object[]) value).collect { plain(it) }
            default:
                return value.toString()
        }
    }

    /** Texts of environment variables. */
    static Map<String, String> texts(Map values) {
        Map<String, String> made = [:]
        values.each { Object key, Object value ->
            if (value != null) {
                made[String.valueOf(key)] = String.valueOf(value)
            }
        }
        made
    }
}
