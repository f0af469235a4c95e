package standin

/** An object that scripts reach by nothing but these functions: it needs no list of allowed methods. */
interface DslObject {
    /** What a function returns for a name that it does not know, so that the search goes on outside. */
    static final Object NONE = new Object()

    Object dslCall(String name, Object[] arguments)

    Object dslGet(String name)

    /** Returns whether the name was taken. */
    boolean dslSet(String name, Object value)
}
