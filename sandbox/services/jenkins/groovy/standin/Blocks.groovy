package standin

import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/** Steps with a block. */
class Blocks {
    private final Build build

    Blocks(Build build) {
        this.build = build
    }

    Object call(String name, Map arguments, Closure body) {
        switch (name) {
            case 'script': return bracketed(name) { body() }
            case 'timestamps': return bracketed(name) { body() }
            case 'stage': return stage(arguments.name.toString()) { body() }
            case 'node': return bracketed(name) { node(nodeArguments(arguments)) { body() } }
            case 'podTemplate': return podTemplate(arguments, body)
            case 'container': return bracketed(name) { within(container: arguments.name.toString()) { body() } }
            case 'dir': return dir(arguments.path.toString(), body)
            case 'withEnv': return bracketed(name) { Variables.assigned(arguments.overrides as List, body) }
            case 'withCredentials': return bracketed(name) { Variables.bound(arguments.bindings as List) { body() } }
            case 'gitlabCommitStatus': return gitlabStatus(arguments, body)
            case 'timeout': return bracketed(name) { Guards.timeout(arguments) { body() } }
            case 'retry': return bracketed(name) { Guards.retry(arguments.count as int) { body() } }
            case 'catchError': return bracketed(name) { Guards.catching(arguments, body) }
            case 'warnError': return bracketed(name) { Guards.catching([buildResult: 'UNSTABLE', stageResult: 'UNSTABLE'] + arguments,
                body) }
        }
        throw new IllegalStateException("step ${name} is in the table, but nothing does it")
    }

    private static Object within(Map changes, Closure body) {
        Flow.current().within(changes, body)
    }

    /** The lines with which Jenkins shows a block. */
    static Object bracketed(String name, String label = '', Closure body) {
        def flow = Flow.current()
        flow.log('[Pipeline] ' + name)
        flow.log('[Pipeline] {' + (label ? " (${label})" : ''))
        try {
            return body()
        } finally {
            flow.log('[Pipeline] }')
            flow.log('[Pipeline] // ' + name)
        }
    }

    /** A scripted stage. */
    static Object stage(String name, Closure body) {
        def flow = Flow.current()
        bracketed('stage', name) {
            framed { flow.within([stage: name], body) }
        }
    }

    /** With a result of its own, which the caller reads from the frame. */
    static Object framed(Flow.Frame frame = new Flow.Frame(), Closure body) {
        def flow = Flow.current()
        flow.frames << frame
        try {
            return body()
        } finally {
            flow.frames.removeLast()
        }
    }

    private static Map nodeArguments(Map arguments) {
        def pod = Flow.current().context.pod
        def label = arguments.label == null ? '' : arguments.label.toString()
        pod && label == pod.label ? [*: pod.arguments, label: label] : [label: label]
    }

    /** Inside of an agent. */
    static Object node(Map arguments, Closure body) {
        def flow = Flow.current()
        def opened = flow.call('node.open', arguments) as Map
        def container = arguments.defaultContainer?.toString() ?: opened.container ?: ''
        def inner = flow.context.plus(node: opened, container: container, dir: opened.workspace)
        flow.around(inner) {
            try {
                return body()
            } finally {
                flow.finish('node.close', [node: opened.node])
            }
        }
    }

    private Object podTemplate(Map arguments, Closure body) {
        def label = arguments.label?.toString() ?: 'pod-' + UUID.randomUUID()
        bracketed('podTemplate') { within(pod: [label: label, arguments: arguments]) { body() } }
    }

    private static Object dir(String path, Closure body) {
        def flow = Flow.current()
        def target = (path.startsWith('/') ? path : flow.context.dir + '/' + path)
        def absolute = java.nio.file.Path.of(target).normalize().toString()
        flow.log('[Pipeline] dir')
        flow.log('Running in ' + absolute)
        flow.log('[Pipeline] {')
        try {
            return within(dir: absolute) { body() }
        } finally {
            flow.log('[Pipeline] }')
            flow.log('[Pipeline] // dir')
        }
    }

    private static Object gitlabStatus(Map arguments, Closure body) {
        def flow = Flow.current()
        def name = arguments.name?.toString() ?: 'jenkins'
        bracketed('gitlabCommitStatus') {
            flow.call('gitlab.status.open', [*: arguments, name: name, state: 'running'])
            def state = 'failed'
            try {
                def answer = body()
                state = flow.build.result in [null, 'SUCCESS'] ? 'success' : 'failed'
                return answer
            } catch (FlowInterruptedException stopped) {
                state = 'canceled'
                throw stopped
            } finally {
                flow.finish('gitlab.status.close', [*: arguments, name: name, state: state])
            }
        }
    }

    /** Branches, each in a thread. Returns what they returned. */
    Object parallel(Map arguments) {
        def branches = arguments.findAll { key, value -> key != 'failFast' }
        branches.each { key, value ->
            if (!(value instanceof Closure)) {
                throw new IllegalArgumentException("parallel: branch ${key} is no block")
            }
        }
        def flow = Flow.current()
        flow.log('[Pipeline] parallel')
        try {
            return new Branches(build, flow, arguments.failFast == true).run(branches.collectEntries { key,
                value -> [(key.toString()): value] })
        } finally {
            flow.log('[Pipeline] // parallel')
        }
    }
}
