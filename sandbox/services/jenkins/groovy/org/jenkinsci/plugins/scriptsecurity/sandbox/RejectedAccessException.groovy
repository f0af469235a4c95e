package org.jenkinsci.plugins.scriptsecurity.sandbox

import groovy.transform.CompileStatic

/** The sandbox refused a call. */
@CompileStatic
class RejectedAccessException extends SecurityException {
    RejectedAccessException(String signature) {
        super('Scripts not permitted to use ' + signature)
    }
}
