package standin

import groovy.transform.CompileStatic
import hudson.AbortException

/** A thread of a build: the main one, or a parallel branch. */
@CompileStatic
class Flow {
    private static final ThreadLocal<Flow> CURRENT = new ThreadLocal<>()
    final Build build
    Context context
    /** The stages around, from the outermost; each keeps its own result. */
    List<Frame> frames
    /** What an interruption may aim at: timeouts and branches around. */
    List<Object> scopes
    private Throwable pending
    private Call waiting
    private boolean joining

    static class Frame {
        String result
    }

    Flow(Build build, Context context, List<Frame> frames = [], List<Object> scopes = []) {
        this.build = build
        this.context = context
        this.frames = new ArrayList<>(frames)
        this.scopes = new ArrayList<>(scopes)
    }

    static Flow current() {
        def flow = CURRENT.get()
        if (flow == null) {
            throw new IllegalStateException('steps run only inside of a build')
        }
        flow
    }

    /** Stop here if this thread was told to. Called again and again by the checked code of scripts. */
    static void tick() {
        CURRENT.get()?.check()
    }

    public <T> T run(Closure<T> body) {
        CURRENT.set(this)
        build.flows.add(this)
        try {
            return body.call()
        } finally {
            build.flows.remove(this)
            CURRENT.remove()
        }
    }

    void check() {
        if (pending != null) {
            Throwable found
            synchronized (this) {
                found = pending
                pending = null
            }
            if (found != null) {
                throw found
            }
        }
    }

    /** Tell the thread to stop: once, so that post conditions still run. */
    void interrupt(Throwable cause) {
        Call call
        synchronized (this) {
            if (joining) {
                return
            }
            pending = cause
            call = waiting
        }
        call?.interrupt()
    }

    synchronized void retract(Throwable cause) {
        if (pending.is(cause)) {
            pending = null
        }
    }

    /** While this waits for branches, interruptions are theirs. */
    Object join(Closure body) {
        synchronized (this) {
            joining = true
        }
        try {
            return body.call()
        } finally {
            synchronized (this) {
                joining = false
            }
        }
    }

    Object within(Map changes, Closure body) {
        around(context.plus(changes), body)
    }

    Object around(Context inner, Closure body) {
        def outer = context
        context = inner
        try {
            return body.call()
        } finally {
            context = outer
        }
    }

    Object scoped(Object scope, Closure body) {
        scopes.add(scope)
        try {
            return body.call()
        } finally {
            scopes.remove(scopes.size() - 1)
        }
    }

    private Context sent() {
        context.plus(env: build.assigned + context.env)
    }

    /** Have Python do a step. */
    Object call(String step, Map arguments) {
        check()
        def call = build.wire.call(build.id, step, arguments, sent())
        boolean told
        synchronized (this) {
            waiting = call
            told = pending != null
        }
        if (told) {
            call.interrupt()
        }
        try {
            return call.await()
        } catch (AbortException failure) {
            check()
            throw failure
        } finally {
            synchronized (this) {
                waiting = null
            }
        }
    }

    /** The same for what must happen also after a stop. */
    Object finish(String step, Map arguments) {
        build.wire.call(build.id, step, arguments, sent()).await()
    }

    void log(String text) {
        def prefix = context.branch ? [prefix: '[' + context.branch.last() + '] '] : [:]
        finish('log', [text: text] + prefix)
    }

    /** Let the result of the build, and of the stages around, become worse. */
    void worsen(String result, String stageResult = result, boolean build = true) {
        if (build) {
            this.build.worsen(result)
        }
        frames.each { it.result = Errors.worst(it.result, stageResult) }
    }
}
