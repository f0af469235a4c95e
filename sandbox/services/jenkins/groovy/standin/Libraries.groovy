package standin

import groovy.transform.CompileStatic
import hudson.AbortException
import org.codehaus.groovy.control.CompilerConfiguration

import java.util.concurrent.ConcurrentHashMap

/** The shared libraries that a build may load, and the scripts made of them. */
@CompileStatic
class Libraries {
    private final Build build
    private final Map<String, Map> available
    private final Map<String, String> variables = new ConcurrentHashMap<>()
    private final Map<String, String> resources = new ConcurrentHashMap<>()
    private final Map<String, PipelineScript> made = new ConcurrentHashMap<>()
    final Steps steps
    private final List<String> implicit

    /** `available`: name to {vars: {name: text}, resources: {path: text}}; `implicit`: those to load without being named. */
    Libraries(Build build, Map<String, Map> available, List<String> implicit) {
        this.build = build
        this.available = available
        steps = new Steps(build)
        this.implicit = implicit
    }

    /** Load a library by `name` or `name@version`. */
    void load(String identifier) {
        def name = identifier.split('@')[0]
        def found = available[name]
        if (found == null) {
            throw new AbortException("No definition of a library ${name} found; known: ${available.keySet().sort()}")
        }
        variables.putAll((Map<String, String>) found['vars'])
        resources.putAll((Map<String, String>) found['resources'] ?: [:])
    }

    boolean has(String name) {
        variables.containsKey(name)
    }

    String resource(String path) {
        def found = resources[path]
        if (found == null) {
            throw new AbortException("No such library resource ${path} could be found.")
        }
        found
    }

    PipelineScript get(String name) {
        synchronized (made) {
            made.computeIfAbsent(name) { String key -> instance("vars/${key}.groovy", variables[key], Compiler.sandboxed()) }
        }
    }

    /** Compile the Jenkinsfile, loading what its @Library names. */
    PipelineScript script(String text) {
        def named = new LinkedHashSet<String>()
        def script = instance('WorkflowScript', text, Compiler.sandboxed(named))
        (implicit + named).each { load(it) }
        script
    }

    private PipelineScript instance(String name, String text, CompilerConfiguration configuration) {
        def loader = new GroovyClassLoader(Libraries.classLoader, configuration)
        def script = (PipelineScript) loader.parseClass(text, name).getConstructor().newInstance()
        script.binding = build.binding
        script.build = build
        script.steps = steps
        script
    }
}
