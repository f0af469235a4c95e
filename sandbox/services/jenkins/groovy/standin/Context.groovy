package standin

import groovy.transform.CompileStatic
import org.codehaus.groovy.runtime.InvokerHelper

/** Where a step runs. Never changed: blocks make another one. */
@CompileStatic
class Context {
    Map node
    String container = ''
    String dir = ''
    String stage = ''
    Map<String, String> env = [:]
    List<String> branch = []
    /** The podTemplate around: its label and arguments. */
    Map pod

    Context plus(Map changes) {
        def made = new Context(node: node, container: container, dir: dir, stage: stage, env: env, branch: branch, pod: pod)
        changes.each { Object name, Object value -> InvokerHelper.setProperty(made, String.valueOf(name), value) }
        made
    }

    Context withEnv(Map<String, String> more) {
        plus(env: env + more)
    }

    Map<String, Object> json(long id) {
        [id: id, node: node?.get('node'), container: container, dir: dir, stage: stage, env: env, branch: branch] as Map<String, Object>
    }
}
