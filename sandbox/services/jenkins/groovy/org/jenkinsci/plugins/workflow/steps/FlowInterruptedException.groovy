package org.jenkinsci.plugins.workflow.steps

import groovy.transform.CompileStatic

/** A stop, a timeout, or the failure of a sister branch. */
@CompileStatic
class FlowInterruptedException extends InterruptedException {
    final String result
    /** False for a timeout, which `retry` may try again. */
    final boolean actualInterruption
    /** True if a sister branch failed: that one's result counts. */
    final boolean failFast

    FlowInterruptedException(String result, String message, boolean actualInterruption = true, boolean failFast = false) {
        super(message)
        this.result = result
        this.actualInterruption = actualInterruption
        this.failFast = failFast
    }
}
