package standin

/** `environment { }`: one variable after the other, each seeing those before. */
class Environments {
    static Object within(Stage stage, Closure body) {
        if (!stage.environment) {
            return body()
        }
        def flow = Flow.current()
        def outer = flow.context
        def scope = new Scope(flow)
        try {
            scope.evaluate(stage.environment)
            return body()
        } finally {
            flow.context = outer
            scope.opened.reverse().each { flow.finish('credentials.close', it) }
        }
    }

    /** Stands for `credentials('id')` until its variable is known. */
    private static class Reference {
        String id
    }

    private static class Scope extends Block {
        final List<Map> opened = []
        private final Flow flow

        Scope(Flow flow) {
            super('environment', [credentials: { new Reference(id: it[0].toString()) }])
            this.flow = flow
        }

        @Override
        boolean dslSet(String name, Object value) {
            if (value instanceof Reference) {
                def answer = flow.call('credentials.open', [bindings: [[kind: 'environment', credentialsId: value.id,
                    variable: name]]]) as Map
                opened << answer.findAll { key, each -> key != 'env' }
                flow.context = flow.context.withEnv(Values.texts(answer.env as Map))
            } else {
                if (value == null) {
                    throw Errors.structure("environment variable ${name} has no value")
                }
                flow.context = flow.context.withEnv([(name): value.toString()])
            }
            true
        }
    }
}
