package standin.jobdsl

/** What a context knows: each name with the forms of its arguments. */
class Spec {
    final String label
    final Map<String, List<List>> words = [:]

    Spec(String label, Map<String, Object> words = [:]) {
        this.label = label
        words.each { name, form -> add(name, form) }
    }

    /** `form`: a type, a context for a block, or a list of alternatives, each a list of types. */
    Spec add(String name, Object form) {
        words[name] = form instanceof List ? form : [[form]]
        this
    }

    /** Types of arguments. A type in `[OPTIONAL, type]` may be left out. */
    enum Type {
        TEXT, FLAG, INT, TEXTS, MAP, RAW

        boolean takes(Object value) {
            switch (this) {
                case TEXT: return value == null || value instanceof CharSequence
                case FLAG: return value instanceof Boolean
                case INT: return value instanceof Integer || value instanceof Long
                case TEXTS: return value instanceof Collection && value.every { it instanceof CharSequence }
                case MAP: return value instanceof Map
                default: return true
            }
        }
    }

    /** One of some texts. */
    static class Choice {
        List<String> values
    }

    /** May be left out. */
    static class Optional {
        Object type
    }

    /** Known by Job DSL, without effect here. */
    static class Unsupported {
    }
}
