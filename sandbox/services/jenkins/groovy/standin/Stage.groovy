package standin

/** A stage as it was written; the pipeline itself is one without a name. */
class Stage {
    String name = ''
    /** 'none', 'any', {label: ...} or a block with kubernetes { } or node { }; null if there is none. */
    Object agent
    Closure environment
    Closure when
    Closure steps
    boolean failFast
    List<Stage> stages = []
    List<Stage> parallel = []
    Map<String, Closure> post = [:]
    /** Names of options with their arguments. */
    Map<String, Object> options = [:]
    /** Options that go around a body. */
    List<Closure> wrappers = []
    /** Defaults of the parameters. */
    Map<String, Object> parameters = [:]
}
