package hudson

import groovy.transform.CompileStatic

/** A failure whose message says everything: it is logged without its class. */
@CompileStatic
class AbortException extends IOException {
    /** What the build ends with unless somebody catches it. */
    final String result

    AbortException(String message = null, String result = 'FAILURE') {
        super(message)
        this.result = result
    }
}
