package standin.jobdsl

import org.codehaus.groovy.control.MultipleCompilationErrorsException
import standin.Compiler
import standin.Errors

/** The items that there are while Job DSL scripts run, one script after the other. */
class World {
    private static final ThreadLocal<World> CURRENT = new ThreadLocal<>()
    /** Path to item, those of earlier scripts included. */
    private final Map<String, Existing> existing = [:]
    private final Map<String, Map> declared = [:]
    private final List<String> deleted = []

    /** `items`: each as `path kind description`. */
    World(List<String> items) {
        items.each { text ->
            def (path, kind, description) = (text.split(' ', 3) as List) + ['', '', '']
            existing[path] = new Existing(this, path, kind, description)
        }
    }

    static World current() {
        def found = CURRENT.get()
        if (found == null) {
            throw new IllegalStateException('Jenkins.get() is there only for Job DSL scripts')
        }
        found
    }

    /** Run scripts, each {text, environment}. Returns {items, deleted}. Throws what names script, line and reason. */
    Map run(List<Map> scripts) {
        CURRENT.set(this)
        try {
            scripts.eachWithIndex { script, i -> one(i + 1, script.text, script.environment) }
        } finally {
            CURRENT.remove()
        }
        [items: declared.values() as List, deleted: deleted.findAll { !existing.containsKey(it) }.unique()]
    }

    Existing item(String path) {
        existing[path]
    }

    List<Existing> below(String folder) {
        existing.findAll { path, item -> path != folder && (path.contains('/') ? path.substring(0,
            path.lastIndexOf('/')) : '') == folder }.values() as List
    }

    void delete(String path) {
        def gone = existing.keySet().findAll { it == path || it.startsWith(path + '/') }
        deleted.addAll(gone)
        gone.each {
            existing.remove(it)
            declared.remove(it)
        }
    }

    private void one(int number, String text, Map environment) {
        def name = "script ${number}"
        try {
            def loader = new GroovyClassLoader(World.classLoader, Compiler.jobDsl())
            def script = loader.parseClass(text, name).getConstructor().newInstance()
            script.binding = new Binding(new LinkedHashMap(environment))
            script.run()
            script.made.each { save(it) }
        } catch (MultipleCompilationErrorsException failure) {
            throw new IllegalArgumentException(Errors.compilation(failure).join('\n'))
        } catch (Throwable wrapped) {
            def error = Errors.unwrap(wrapped)
            def line = Errors.line(error)
            throw new IllegalArgumentException("${name}${line ? ", line ${line}" : ''}: ${reason(error)}")
        }
    }

    /** The message without the values of arguments, which may be secrets. */
    private static String reason(Throwable error) {
        if (error instanceof MissingMethodException && !(error instanceof NoMethod)) {
            return NoMethod.text(error.type.name, error.method, error.arguments)
        }
        error instanceof DslFailure || error instanceof NoMethod ? error.message : "${error.class.name}: ${error.message}"
    }

    private void save(Node node) {
        def path = node.dslPath
        def parent = path.contains('/') ? path.substring(0, path.lastIndexOf('/')) : null
        if (parent && !existing.containsKey(parent)) {
            throw new DslFailure("Could not create item, unknown parent path in \"${path}\"")
        }
        def item = Items.of(node)
        declared[path] = item
        existing[path] = new Existing(this, path, item.kind, item.description)
    }
}
