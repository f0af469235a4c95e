package standin

import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

import java.util.concurrent.TimeUnit

/** Blocks that deal with how their body ends. */
class Guards {
    static Object timeout(Map arguments, Closure body) {
        def flow = Flow.current()
        def unit = TimeUnit.valueOf((arguments.unit ?: 'MINUTES').toString())
        def time = arguments.time.toString() as long
        if (time <= 0) {
            throw new IllegalArgumentException("timeout: time is ${time}, expected a positive number")
        }
        flow.log("Timeout set to expire in ${duration(unit.toMillis(time))}")
        def scope = new Object()
        def cause = new FlowInterruptedException('ABORTED', 'Timeout has been exceeded', false)
        def timer = Timers.after(unit.toMillis(time)) {
            flow.log('Cancelling nested steps due to timeout')
            flow.build.interrupt(scope, cause)
        }
        try {
            return flow.scoped(scope, body)
        } finally {
            timer.cancel(false)
            flow.retract(cause)
        }
    }

    private static String duration(long milliseconds) {
        long seconds = milliseconds.intdiv(1000)
        def parts = [[seconds.intdiv(3600), 'hr'], [seconds.intdiv(60) % 60, 'min'], [seconds % 60, 'sec']].findAll { it[0] > 0 }
        parts ? parts.take(2).collect { "${it[0]} ${it[1]}" }.join(' ') : "${milliseconds} ms"
    }

    static Object retry(int count, Closure body) {
        def flow = Flow.current()
        for (int left = count; ; left--) {
            try {
                return body()
            } catch (Throwable wrapped) {
                def error = Errors.unwrap(wrapped)
                if (left <= 1 || error instanceof FlowInterruptedException && error.actualInterruption) {
                    throw error
                }
                flow.log(Errors.text(error))
                flow.log('Retrying')
            }
        }
    }

    static Object catching(Map arguments, Closure body) {
        def flow = Flow.current()
        try {
            body()
        } catch (Throwable wrapped) {
            def error = Errors.unwrap(wrapped)
            def stopped = error instanceof FlowInterruptedException
            if (stopped && arguments.catchInterruptions == false) {
                throw error
            }
            if (arguments.message) {
                flow.log(arguments.message.toString())
            }
            flow.log(Errors.text(error))
            def result = stopped ? error.result : Errors.result(arguments.buildResult ?: 'FAILURE')
            flow.worsen(result, stopped ? error.result : Errors.result(arguments.stageResult ?: 'SUCCESS'))
        }
        null
    }
}
