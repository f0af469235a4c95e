package standin

import groovy.transform.CompileStatic

/** A block whose words are given: each name with what it does. A strict one refuses all other names instead of searching outside. */
@CompileStatic
class Block implements DslObject {
    final String label
    final Map<String, Closure> words
    final Map<String, Object> values
    final boolean strict
    /** The innermost block that is being read: its words alone count, and what it keeps for later, as steps, is out of their reach. */
    private static final ThreadLocal<Block> READING = new ThreadLocal<>()

    Block(String label, Map<String, Closure> words, boolean strict = false, Map<String, Object> values = [:]) {
        this.label = label
        this.words = words
        this.strict = strict
        this.values = values
    }

    /** Run a script's closure with this block's words before all others. */
    Object evaluate(Closure body) {
        Closure copy = (Closure) body.clone()
        copy.delegate = this
        copy.resolveStrategy = Closure.DELEGATE_FIRST
        def outer = READING.get()
        READING.set(this)
        try {
            return copy.call()
        } finally {
            READING.set(outer)
        }
    }

    private boolean reading() {
        READING.get().is(this)
    }

    Object dslCall(String name, Object[] arguments) {
        if (!reading()) {
            return NONE
        }
        word(name, arguments)
    }

    protected Object word(String name, Object[] arguments) {
        Closure known = words[name]
        if (known != null) {
            return known.call(arguments as List)
        }
        if (strict) {
            throw Errors.structure("Unknown ${label} section \"${name}\", expected one of ${words.keySet().sort()}")
        }
        NONE
    }

    Object dslGet(String name) {
        reading() && values.containsKey(name) ? values[name] : NONE
    }

    boolean dslSet(String name, Object value) {
        if (reading() && strict) {
            throw Errors.structure("${label} takes no assignment of \"${name}\"; use environment { } or script { }")
        }
        false
    }
}
