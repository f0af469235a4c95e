package standin

/** The agent of a pipeline or stage. */
class Agents {
    private static final List<String> POD = ['yaml', 'yamlFile', 'inheritFrom', 'defaultContainer', 'cloud', 'label', 'namespace',
        'serviceAccount',
        'podRetention', 'idleMinutes', 'slaveConnectTimeout', 'activeDeadlineSeconds', 'workspaceVolume', 'workingDir', 'nodeSelector',
            'instanceCap',
        'showRawYaml', 'retries', 'customWorkspace', 'yamlMergeStrategy', 'inheritYamlMergeStrategy', 'supplementalGroups',
            'agentContainer',
        'agentInjection', 'containerTemplate', 'hostNetwork', 'schedulerName']

    static Object within(Stage stage, Closure body) {
        def arguments = read(stage.agent)
        arguments == null ? body() : Blocks.bracketed('node') { Blocks.node(arguments, body) }
    }

    /** The arguments of `node.open`, or null for no agent of its own. */
    private static Map read(Object agent) {
        if (agent == null || agent == 'none') {
            return null
        }
        if (agent == 'any') {
            return [label: '']
        }
        if (agent instanceof Map) {
            return [label: agent.label?.toString() ?: '']
        }
        if (!(agent instanceof Closure)) {
            throw Errors.structure("Invalid agent ${agent}: expected any, none, or a block with label, node or kubernetes")
        }
        Map found = null
        def label = { args -> found = [label: args[0].toString()] }
        def words = [
            label: label,
            node: { args -> new Block('node', [label: label, customWorkspace: { found = (found ?: [:]) +
                [customWorkspace: it[0].toString()] }], true).evaluate(args[0]) },
            kubernetes: { args -> found = pod(args) },
        ]
        new Closed('agent', words).evaluate(agent)
        if (found == null) {
            throw Errors.structure('No agent type specified. Must be one of [any, kubernetes, label, none, node]')
        }
        found
    }

    private static Map pod(List arguments) {
        Map found = [:]
        if (arguments && arguments[0] instanceof Closure) {
            def words = POD.collectEntries { name -> [(name): { given -> found[name] = given ? given[0] : true }] }
            new Closed('kubernetes', words).evaluate(arguments[0])
        } else if (arguments) {
            found.putAll(arguments[0])
        }
        found.yaml = found.yaml?.toString() ?: ''
        found
    }

    /** Its own names are fixed, while their arguments may come from functions of the script. */
    private static class Closed extends Block {
        Closed(String label, Map<String, Closure> words) {
            super(label, words)
        }

        @Override
        protected Object word(String name, Object[] arguments) {
            if (!words.containsKey(name) && arguments.length == 1 && arguments[0] instanceof Closure) {
                throw Errors.structure("Invalid agent type \"${name}\" specified. Must be one of ${words.keySet().sort()}")
            }
            super.word(name, arguments)
        }
    }
}
