package standin

import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/** Parallel branches. */
class Branches {
    private final Build build
    private final Flow outer
    private final boolean failFast
    private final Map<String, Object> values = Collections.synchronizedMap([:])
    private final Map<String, Throwable> failures = Collections.synchronizedMap([:])

    Branches(Build build, Flow outer, boolean failFast) {
        this.build = build
        this.outer = outer
        this.failFast = failFast
    }

    /** Run all to their ends. Throws the first failure that is no consequence of another one. */
    Object run(Map<String, Closure> branches) {
        def scope = new Object()
        branches.keySet().each { outer.log("[Pipeline] { (Branch: ${it})") }
        def flows = branches.collectEntries { name, body ->
            def flow = new Flow(build, outer.context.plus(branch: outer.context.branch + name), outer.frames, outer.scopes + [scope])
            build.flows.add(flow)
            [(name): flow]
        }
        def threads = branches.collect { name, body -> Thread.startDaemon("${build.id} ${name}") { branch(scope, flows[name], name,
            body) } }
        outer.join { threads*.join() }
        if (failures) {
            throw failures.values().find { !(it instanceof FlowInterruptedException) } ?: failures.values().find { !it.failFast }
        }
        values
    }

    private void branch(Object scope, Flow flow, String name, Closure body) {
        flow.run {
            try {
                values[name] = body()
                flow.check()
            } catch (Throwable wrapped) {
                def error = Errors.unwrap(wrapped)
                def first = failures.isEmpty()
                failures[name] = error
                flow.log("Failed in branch ${name}")
                if (failFast && first) {
                    build.flows.remove(flow)
                    build.interrupt(scope, new FlowInterruptedException('ABORTED', "Failed in branch ${name}", true, true))
                }
            } finally {
                flow.log('[Pipeline] }')
            }
        }
    }
}
