package standin

/** The conditions after a stage or pipeline, in Jenkins' order. */
class Post {
    static final List<String> CONDITIONS = ['always', 'changed', 'fixed', 'regression', 'aborted', 'failure', 'success', 'unstable',
        'unsuccessful',
        'notBuilt', 'cleanup'].asImmutable()
    private static final List<String> COMPARING = ['changed', 'fixed', 'regression']
    private final Stage stage
    private final Closure<String> result

    /** `result` tells the result so far, each time it is asked. */
    Post(Stage stage, Closure<String> result) {
        this.stage = stage
        this.result = result
    }

    /** Run the conditions that hold inside of `shown`. Returns the first failure among them, or null. */
    Throwable run(Closure shown) {
        Throwable first = null
        if (CONDITIONS.any { stage.post[it] && holds(it) }) {
            shown {
                CONDITIONS.each { name ->
                    if (stage.post[name] && holds(name)) {
                        def failure = one(name)
                        first = first ?: failure
                    }
                }
            }
        }
        first
    }

    private Throwable one(String name) {
        def flow = Flow.current()
        try {
            stage.post[name].call()
            return null
        } catch (Throwable wrapped) {
            def error = Errors.unwrap(wrapped)
            flow.log("Error when executing ${name} post condition:")
            flow.log(Errors.text(error))
            flow.worsen(Errors.resultOf(error))
            return error
        }
    }

    private boolean holds(String name) {
        def now = result() ?: 'SUCCESS'
        def before = name in COMPARING ? Flow.current().build.libraries.steps.previous()?.result : null
        switch (name) {
            case 'changed': return before == null || before != now
            case 'fixed': return now == 'SUCCESS' && before in ['FAILURE', 'UNSTABLE']
            case 'regression': return before != null && now in ['FAILURE', 'UNSTABLE', 'ABORTED'] && Errors.worst(before, now) != before
            case 'aborted': return now == 'ABORTED'
            case 'failure': return now == 'FAILURE'
            case 'success': return now == 'SUCCESS'
            case 'unstable': return now == 'UNSTABLE'
            case 'unsuccessful': return now != 'SUCCESS'
            case 'notBuilt': return now == 'NOT_BUILT'
            default: return true
        }
    }
}
