package standin

/** `when { }` of a stage. */
class When {
    private static final List<String> FIRST = ['beforeAgent', 'beforeOptions', 'beforeInput']
    private final Steps steps
    private final Stage stage
    /** Whether it is looked at before an agent is asked for. */
    boolean first

    When(Steps steps, Stage stage) {
        this.steps = steps
        this.stage = stage
        first = true
        if (stage.when) {
            first = false
            // Conditions are only collected here, so that nothing is evaluated before its time.
            conditions(stage.when)
        }
    }

    boolean holds() {
        !stage.when || conditions(stage.when).every { it() }
    }

    private List<Closure<Boolean>> conditions(Closure body) {
        List<Closure<Boolean>> found = []
        def all = { Closure inner -> conditions(inner) }
        def words = [
            expression: { args -> found << { -> args[0].call() as boolean } },
            branch: { args -> found << { -> matches(args[0], variable('BRANCH_NAME') ?: variable('GIT_LOCAL_BRANCH')) } },
            tag: { args -> found << { -> matches(args[0], variable('TAG_NAME')) } },
            buildingTag: { args -> found << { -> variable('TAG_NAME') as boolean } },
            changeRequest: { args -> found << { -> variable('CHANGE_ID') as boolean } },
            equals: { args -> found << { -> args[0].expected == args[0].actual } },
            environment: { args -> found << { -> same(args[0]) } },
            not: { args -> def inner = all(args[0]); found << { -> !inner.every { it() } } },
            allOf: { args -> def inner = all(args[0]); found << { -> inner.every { it() } } },
            anyOf: { args -> def inner = all(args[0]); found << { -> inner.any { it() } } },
        ] + FIRST.collectEntries { name -> [(name): { args -> first = first || args[0] == true }] }
        new Conditions(words).evaluate(body)
        found
    }

    private String variable(String name) {
        steps.globals.variable(name)
    }

    private boolean same(Map named) {
        def value = variable(named.name.toString())
        def wanted = named.value?.toString()
        named.ignoreCase ? wanted?.equalsIgnoreCase(value) : wanted == value
    }

    /** A pattern with `*` and `**` as Ant has it, or {pattern, comparator}. */
    private static boolean matches(Object given, String value) {
        def pattern = given instanceof Map ? given.pattern.toString() : given.toString()
        if (value == null) {
            return false
        }
        def comparator = given instanceof Map ? given.comparator ?: 'GLOB' : 'GLOB'
        if (comparator == 'REGEXP') {
            return value ==~ pattern
        }
        if (comparator == 'EQUALS') {
            return value == pattern
        }
        def parts = pattern.split(/(?<=\*\*)|(?=\*\*)/).collect { it == '**' ? '.*' : it.split('',
            -1).collect { c -> c == '*' ? '[^/]*' : c == '?' ? '[^/]' : java.util.regex.Pattern.quote(c) }.join('') }
        value ==~ parts.join('')
    }

    private static class Conditions extends Block {
        Conditions(Map<String, Closure> words) {
            super('when', words)
        }

        @Override
        protected Object word(String name, Object[] arguments) {
            if (!words.containsKey(name) && arguments.length == 1 && arguments[0] instanceof Closure) {
                throw Errors.structure("Unknown conditional ${name}. Valid conditionals are: ${words.keySet().sort().join(', ')}")
            }
            super.word(name, arguments)
        }
    }
}
