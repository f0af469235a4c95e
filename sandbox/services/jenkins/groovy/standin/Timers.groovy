package standin

import groovy.transform.CompileStatic

import java.util.concurrent.Executors
import java.util.concurrent.Future
import java.util.concurrent.ScheduledThreadPoolExecutor
import java.util.concurrent.ThreadFactory
import java.util.concurrent.TimeUnit

/** What happens later. */
@CompileStatic
class Timers {
    private static final ThreadFactory DAEMONS = { Runnable task ->
        def thread = new Thread(task, 'timer')
        thread.daemon = true
        thread
    } as ThreadFactory
    private static final ScheduledThreadPoolExecutor POOL = pool()

    private static ScheduledThreadPoolExecutor pool() {
        def made = (ScheduledThreadPoolExecutor) Executors.newScheduledThreadPool(2, DAEMONS)
        made.removeOnCancelPolicy = true
        made
    }

    static Future after(long milliseconds, Closure task) {
        POOL.schedule((Runnable) task, milliseconds, TimeUnit.MILLISECONDS)
    }
}
