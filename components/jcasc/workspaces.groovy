// Job DSL: removes the folders of workspaces that are no longer declared. SLIPWAY_WORKSPACES is JSON text: the mark of this platform's folders,
// and the names of those that stay.
import groovy.json.JsonSlurperClassic
import jenkins.model.Jenkins

def known = new JsonSlurperClassic().parseText(SLIPWAY_WORKSPACES)
Jenkins.get().items.findAll { it.description?.startsWith(known.mark) && !known.folders.contains(it.name) }.each { it.delete() }
