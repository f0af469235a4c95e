package standin

/** Reads the structure of `pipeline { }` by evaluating it; what stages do is kept for later. */
class Model {
    private static final List<String> FLAGS = ['disableConcurrentBuilds', 'disableResume', 'disableRestartFromStage',
        'newContainerPerStage',
        'overrideIndexTriggers', 'parallelsAlwaysFailFast', 'preserveStashes', 'skipStagesAfterUnstable', 'timestamps', 'buildDiscarder',
        'checkoutToSubdirectory', 'durabilityHint', 'gitLabConnection', 'gitlabBuilds', 'gitlabCommitStatus', 'quietPeriod',
            'rateLimitBuilds']
    private static final List<String> OF_STAGE = ['timestamps', 'gitlabCommitStatus', 'skipDefaultCheckout', 'timeout', 'retry',
        'catchError', 'warnError', 'withEnv',
        'withCredentials']
    private static final List<String> TRIGGERS = ['cron', 'pollSCM', 'upstream', 'gitlab']
    private static final Map<String, Object> AGENTS = [any: 'any', none: 'none']
    private final Steps steps
    private final Blocks blocks

    Model(Steps steps) {
        this.steps = steps
        blocks = new Blocks(steps.build)
    }

    /** Return the pipeline. Raises an error with the line for what Declarative would not take. */
    Stage read(Closure body) {
        def root = new Stage()
        def words = common(root, 'pipeline') + [
            stages: { root.stages = stagesIn(block('stages', it)) },
            parameters: { root.parameters = parametersIn(block('parameters', it)) },
            triggers: { new Block('triggers', TRIGGERS.collectEntries { [(it): { args -> null }] }, true).evaluate(block('triggers', it)) },
            libraries: { new Block('libraries', [lib: { args -> steps.build.libraries.load(args[0].toString()) }],
                true).evaluate(block('libraries', it)) },
        ]
        new Block('pipeline', words, true, AGENTS).evaluate(body)
        if (root.agent == null) {
            throw Errors.structure('Missing required section "agent"')
        }
        if (!root.stages) {
            throw Errors.structure(root.stages == null ? 'Missing required section "stages"' : 'No stages specified')
        }
        root
    }

    private Map<String, Closure> common(Stage stage, String where) {
        [
            agent: { stage.agent = it ? it[0] : null },
            environment: { stage.environment = block('environment', it) },
            options: { optionsIn(stage, where, block('options', it)) },
            post: { stage.post = postIn(block('post', it)) },
        ]
    }

    private static Closure block(String name, List arguments) {
        if (arguments.size() != 1 || !(arguments[0] instanceof Closure)) {
            throw Errors.structure("${name} takes a block")
        }
        arguments[0]
    }

    private List<Stage> stagesIn(Closure body) {
        List<Stage> found = []
        new Block('stages', [stage: { found << stage(it) }], true).evaluate(body)
        def twice = found*.name.countBy { it }.find { name, count -> count > 1 }
        if (twice) {
            throw Errors.structure("Duplicate stage name: \"${twice.key}\"")
        }
        found
    }

    private Stage stage(List arguments) {
        if (arguments.size() != 2 || !(arguments[1] instanceof Closure) || !(arguments[0] instanceof CharSequence)) {
            throw Errors.structure('Expected a stage: stage("name") { ... }')
        }
        def stage = new Stage(name: arguments[0].toString())
        def words = common(stage, 'stage') + [
            when: { stage.when = block('when', it) },
            steps: { stage.steps = block('steps', it) },
            stages: { stage.stages = stagesIn(block('stages', it)) },
            parallel: { stage.parallel = stagesIn(block('parallel', it)) },
            failFast: { stage.failFast = it[0] == true },
        ]
        new Block('stage', words, true, AGENTS).evaluate(arguments[1])
        def bodies = [stage.steps, stage.stages, stage.parallel].count { it }
        if (bodies != 1) {
            throw Errors.structure("Expected one of \"steps\", \"stages\", or \"parallel\" for stage \"${stage.name}\"")
        }
        if (stage.parallel && stage.agent) {
            throw Errors.structure("\"agent\" is not allowed in stage \"${stage.name}\" as it contains parallel stages")
        }
        if (stage.failFast && !stage.parallel) {
            throw Errors.structure("\"failFast\" is not allowed in stage \"${stage.name}\": it has no parallel stages")
        }
        stage
    }

    private void optionsIn(Stage stage, String where, Closure body) {
        def words = FLAGS.collectEntries { name -> [(name): { stage.options[name] = it ?: true }] } + [
            skipDefaultCheckout: { stage.options.skipDefaultCheckout = it ? it[0] == true : true },
            timeout: { given -> stage.wrappers << { inner -> Guards.timeout(given[0] instanceof Map ? given[0] : [time: given[0]],
                inner) } },
            retry: { given ->
                stage.options.retry = true
                stage.wrappers << { inner -> Guards.retry((given[0] instanceof Map ? given[0].count : given[0]) as int, inner) }
            },
        ]
        ['catchError', 'warnError', 'withEnv', 'withCredentials'].each { name ->
            words[name] = { given -> stage.wrappers << { inner -> steps.call(name, (given + [inner]) as Object[]) } }
        }
        def taken = where == 'stage' ? words.subMap(OF_STAGE) : words
        new Options(where, taken, steps).evaluate(body)
    }

    /** Values of options may be made by functions; only the names of options are fixed. */
    private static class Options extends Block {
        private final Steps steps

        Options(String where, Map<String, Closure> words, Steps steps) {
            super(where + ' options', words)
            this.steps = steps
        }

        @Override
        protected Object word(String name, Object[] arguments) {
            if (!words.containsKey(name) && !StepTable.SYMBOLS.containsKey(name)) {
                throw Errors.structure("Invalid option type \"${name}\". Valid option types: ${words.keySet().sort()}")
            }
            super.word(name, arguments)
        }
    }

    private static Map<String, Closure> postIn(Closure body) {
        Map<String, Closure> found = [:]
        new Block('post', Post.CONDITIONS.collectEntries { name -> [(name): { found[name] = block(name, it) }] }, true).evaluate(body)
        if (!found) {
            throw Errors.structure('post can not be empty')
        }
        found
    }

    private static Map<String, Object> parametersIn(Closure body) {
        Map<String, Object> found = [:]
        def put = { named, value -> found[named.name.toString()] = value }
        new Block('parameters', [
            string: { put(it[0], (it[0].defaultValue ?: '').toString()) },
            text: { put(it[0], (it[0].defaultValue ?: '').toString()) },
            password: { put(it[0], (it[0].defaultValue ?: '').toString()) },
            booleanParam: { put(it[0], it[0].defaultValue == true) },
            choice: { put(it[0], (it[0].choices instanceof List ? it[0].choices[0] : it[0].choices.toString().readLines()[0]).toString()) },
        ], true).evaluate(body)
        found
    }
}
