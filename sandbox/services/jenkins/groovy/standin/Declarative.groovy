package standin

import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/** `pipeline { }`: reads the structure, then runs the stages. */
class Declarative {
    final Build build
    final Steps steps
    private Stage root

    Declarative(Build build, Steps steps) {
        this.build = build
        this.steps = steps
    }

    Object run(Closure body) {
        root = new Model(steps).read(body)
        root.parameters.each { name, value -> build.parameters.putIfAbsent(name, value) }
        def flow = Flow.current()
        def posted = false
        Throwable failure = guarded(flow) {
            wrapped(root) {
                checkoutFirst()
                def failed = guarded(flow) { sequence(root.stages) }
                posted = true
                finish(root, failed) { build.result }
            }
        }
        if (!posted) {
            // Nothing around the stages could be had: there is no agent for the conditions either.
            finish(root, failure) { build.result }
        }
        if (failure) {
            throw failure
        }
        null
    }

    /** Run, and return the failure instead of throwing it. Its result counts, unless it only follows from a sister's. */
    private static Throwable guarded(Flow flow, boolean counts = true, Closure body) {
        try {
            body()
            flow.check()
            return null
        } catch (Throwable wrapped) {
            def error = Errors.unwrap(wrapped)
            if (counts && !(error instanceof FlowInterruptedException && error.failFast)) {
                flow.worsen(Errors.resultOf(error))
            }
            return error
        }
    }

    private static void finish(Stage stage, Throwable failure, Closure<String> result) {
        def post = new Post(stage, { Errors.worst(result(), failure ? Errors.resultOf(failure) : 'SUCCESS') })
        def later = post.run { Closure conditions ->
            if (stage.name) {
                Flow.current().log('Post stage')
                conditions()
            } else {
                Blocks.stage('Declarative: Post Actions', conditions)
            }
        }
        if (failure ?: later) {
            throw failure ?: later
        }
    }

    private void checkoutFirst() {
        if (Flow.current().context.node && !root.options.skipDefaultCheckout) {
            Blocks.stage('Declarative: Checkout SCM') { defaultCheckout() }
        }
    }

    private static void defaultCheckout() {
        def flow = Flow.current()
        flow.log('[Pipeline] checkout')
        flow.call('checkout', [scm: new Symbol('scm', [:]), implicit: true])
    }

    /** Options, agent and environment around a body. */
    private Object wrapped(Stage stage, Closure body) {
        Closure whole = { Agents.within(stage) { Environments.within(stage, body) } }
        stage.wrappers.reverse().each { wrapper ->
            def inner = whole
            whole = { wrapper(inner) }
        }
        whole()
    }

    private void sequence(List<Stage> stages) {
        Throwable first = null
        stages.each { stage ->
            if (first || root.options.skipStagesAfterUnstable && build.result == 'UNSTABLE') {
                skipped(stage, 'due to earlier failure(s)')
            } else {
                first = guarded(Flow.current()) { perform(stage) }
            }
        }
        if (first) {
            throw first
        }
    }

    private void skipped(Stage stage, String why) {
        Blocks.stage(stage.name) {
            Flow.current().log("Stage \"${stage.name}\" skipped ${why}")
            (stage.stages + stage.parallel).each { skipped(it, why) }
        }
    }

    private void perform(Stage stage) {
        def frame = new Flow.Frame()
        Blocks.stage(stage.name) {
            Blocks.framed(frame) { whenWanted(stage, frame) }
        }
    }

    private void whenWanted(Stage stage, Flow.Frame frame) {
        def wanted = new When(steps, stage)
        if (wanted.first && !wanted.holds()) {
            unwanted(stage)
            return
        }
        wrapped(stage) {
            if (!wanted.first && !wanted.holds()) {
                unwanted(stage)
                return
            }
            def failure = guarded(Flow.current(), !stage.options.retry) { body(stage) }
            finish(stage, failure) { frame.result }
        }
    }

    private void unwanted(Stage stage) {
        Flow.current().log("Stage \"${stage.name}\" skipped due to when conditional")
        (stage.stages + stage.parallel).each { skipped(it, 'due to when conditional') }
    }

    private void body(Stage stage) {
        def flow = Flow.current()
        if (stage.agent && flow.context.node && !root.options.skipDefaultCheckout && !stage.options.skipDefaultCheckout) {
            defaultCheckout()
        }
        if (stage.parallel) {
            def branches = stage.parallel.collectEntries { each -> [(each.name): { -> alone(each) }] }
            flow.log('[Pipeline] parallel')
            new Branches(build, flow, stage.failFast || root.options.parallelsAlwaysFailFast as boolean).run(branches)
            flow.log('[Pipeline] // parallel')
        } else if (stage.stages) {
            sequence(stage.stages)
        } else {
            stage.steps.call()
        }
    }

    private void alone(Stage stage) {
        def failure = guarded(Flow.current()) { perform(stage) }
        if (failure) {
            throw failure
        }
    }
}
