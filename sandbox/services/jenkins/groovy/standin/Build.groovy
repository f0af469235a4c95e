package standin

import groovy.transform.CompileStatic
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

import java.util.concurrent.ConcurrentHashMap

/** A run of a Jenkinsfile. */
@CompileStatic
class Build {
    final String id
    final Wire wire
    final Map<String, String> environment
    final Map<String, Object> parameters
    final Libraries libraries
    /** What scripts set by `env.X = ...`. */
    final Map<String, String> assigned = new ConcurrentHashMap<>()
    final Map<String, Object> described = new ConcurrentHashMap<>()
    final Set<Flow> flows = ConcurrentHashMap.newKeySet()
    final Binding binding = new Binding(Collections.synchronizedMap([:] as LinkedHashMap))
    private String result
    private volatile boolean stopped

    Build(Wire wire, Map request) {
        this.wire = wire
        id = request['build']
        environment = Values.texts((Map) request['environment'])
        parameters = new LinkedHashMap<String, Object>((Map<String, Object>) request['parameters'])
        libraries = new Libraries(this, (Map<String, Map>) request['libraries'], (List<String>) request['implicit'])
    }

    synchronized String getResult() {
        result
    }

    synchronized void worsen(String other) {
        result = Errors.worst(result, other)
    }

    void stop() {
        stopped = true
        interrupt(null, new FlowInterruptedException('ABORTED', 'Aborted'))
    }

    /** Interrupt the threads inside of a scope; all of them for null. */
    void interrupt(Object scope, Throwable cause) {
        flows.findAll { Flow flow -> scope == null || flow.scopes.any { it.is(scope) } }.each { it.interrupt(cause) }
    }

    /** Run to the end and return the result. */
    String run(String text) {
        new Flow(this, new Context()).run { main(text) }
        if (stopped) {
            worsen('ABORTED')
        }
        getResult() ?: 'SUCCESS'
    }

    private String main(String text) {
        def flow = Flow.current()
        try {
            def script = libraries.script(text)
            flow.log('[Pipeline] Start of Pipeline')
            try {
                script.run()
                flow.check()
            } finally {
                flow.log('[Pipeline] End of Pipeline')
            }
        } catch (Throwable wrapped) {
            def error = Errors.unwrap(wrapped)
            worsen(Errors.resultOf(error))
            flow.log(Errors.text(error))
        }
        null
    }
}
