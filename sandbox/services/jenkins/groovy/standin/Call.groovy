package standin

import groovy.transform.CompileStatic
import hudson.AbortException
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

import java.util.concurrent.CompletableFuture
import java.util.concurrent.ExecutionException

/** A step that Python is doing. */
@CompileStatic
class Call {
    /** How long an interrupted step may take to end. */
    static final long GRACE = Long.getLong('standin.grace', 20_000L)
    final long id
    private final Wire wire
    private final String build
    private final Context context
    private final CompletableFuture<Map> answer = new CompletableFuture<>()
    private boolean interrupted

    Call(Wire wire, long id, String build, Context context) {
        this.wire = wire
        this.id = id
        this.build = build
        this.context = context
    }

    void done(Map message) {
        answer.complete(message)
    }

    synchronized void interrupt() {
        if (interrupted) {
            return
        }
        interrupted = true
        wire.call(build, 'interrupt', [calls: [id]], context)
        Timers.after(GRACE) { answer.complete([error: "the step did not end ${GRACE.intdiv(1000)} s after it was interrupted",
            result: 'ABORTED']) }
    }

    Object await() {
        Map message
        try {
            message = answer.get()
        } catch (ExecutionException failure) {
            throw failure.cause
        }
        if (!message.containsKey('error')) {
            return message['value']
        }
        def text = String.valueOf(message['error'])
        def result = String.valueOf(message['result'] ?: 'FAILURE')
        throw result == 'ABORTED' && !interrupted ? new FlowInterruptedException(result, text) : new AbortException(text, result)
    }
}
