package standin

import groovy.transform.CompileStatic
import hudson.AbortException
import org.jenkinsci.plugins.scriptsecurity.sandbox.RejectedAccessException

/** The variables that every script has: env, params, currentBuild, scm, and what lies in the environment. */
@CompileStatic
class Globals {
    static final List<String> NAMES = ['currentBuild', 'env', 'params', 'pipeline', 'scm', 'steps'].asImmutable()
    private final Build build
    private final Steps steps
    private final Env env = new Env()
    private final CurrentBuild currentBuild = new CurrentBuild()

    Globals(Build build, Steps steps) {
        this.build = build
        this.steps = steps
    }

    Object get(String name) {
        switch (name) {
            case 'env': return env
            case 'params': return Collections.unmodifiableMap(build.parameters)
            case 'currentBuild': return currentBuild
            case 'scm': return new Symbol('scm', [:])
            case 'steps': return steps
        }
        def found = variable(name)
        found == null ? DslObject.NONE : found
    }

    /** An environment variable as a pipeline sees it here. */
    String variable(String name) {
        def context = Flow.current().context
        def node = (Map<String, String>) context.node?.get('env')
        if (name == 'POD_LABEL' && context.pod) {
            return context.pod['label']
        }
        if (name == 'STAGE_NAME' && context.stage) {
            return context.stage
        }
        context.env[name] ?: build.assigned[name] ?: node?.get(name) ?: parameter(name) ?: build.environment[name] ?: (emptyIn(context,
            name) ? '' : null)
    }

    private String parameter(String name) {
        build.parameters[name]?.toString()
    }

    private boolean emptyIn(Context context, String name) {
        context.env.containsKey(name) || build.assigned.containsKey(name) || build.parameters[name] != null ||
            build.environment.containsKey(name)
    }

    /** `env`. */
    class Env implements DslObject {
        Object dslCall(String name, Object[] arguments) {
            switch (name) {
                case 'getProperty': return dslGet(String.valueOf(arguments[0]))
                case 'setProperty': return dslSet(String.valueOf(arguments[0]), arguments[1])
                case 'getEnvironment': return build.environment + build.assigned + Flow.current().context.env
                case 'toString': return 'env'
            }
            NONE
        }

        Object dslGet(String name) {
            variable(name)
        }

        boolean dslSet(String name, Object value) {
            def text = value == null ? '' : value.toString()
            build.assigned[name] = text
            true
        }
    }

    /** `currentBuild`. */
    class CurrentBuild implements DslObject {
        Object dslCall(String name, Object[] arguments) {
            if (name == 'resultIsBetterOrEqualTo' || name == 'resultIsWorseOrEqualTo') {
                int order = Errors.ORDER.indexOf(build.result ?: 'SUCCESS') <=> Errors.ORDER.indexOf(Errors.result(arguments[0]))
                return name.contains('Better') ? order <= 0 : order >= 0
            }
            if (name == 'getBuildCauses') {
                return []
            }
            if (name.startsWith('get') && arguments.length == 0) {
                return dslGet(name[3].toLowerCase() + name.substring(4))
            }
            if (name.startsWith('set') && arguments.length == 1 && dslSet(name[3].toLowerCase() + name.substring(4), arguments[0])) {
                return null
            }
            NONE
        }

        Object dslGet(String name) {
            def environment = build.environment
            switch (name) {
                case 'result': return build.result
                case 'currentResult': return build.result ?: 'SUCCESS'
                case 'displayName': return build.described['displayName'] ?: environment['BUILD_DISPLAY_NAME'] ?: '#' +
                    environment['BUILD_NUMBER']
                case 'description': return build.described['description']
                case 'number': return (environment['BUILD_NUMBER'] ?: '0') as int
                case 'id': return environment['BUILD_ID'] ?: environment['BUILD_NUMBER']
                case 'fullDisplayName': return "${(environment['JOB_NAME'] ?: '').replace('/', ' » ')} ${dslGet('displayName')}".toString()
                case 'projectName': return environment['JOB_BASE_NAME'] ?: (environment['JOB_NAME'] ?: '').tokenize('/')?.last()
                case 'fullProjectName': return environment['JOB_NAME']
                case 'absoluteUrl': return environment['BUILD_URL']
                case 'buildVariables': return new LinkedHashMap(build.assigned)
                case 'changeSets': return []
                case 'keepLog': return false
                case 'previousBuild': return steps.previous()
                case 'rawBuild':
                    throw new RejectedAccessException('method org.jenkinsci.plugins.workflow.support.steps.build.RunWrapper getRawBuild')
            }
            NONE
        }

        boolean dslSet(String name, Object value) {
            if (name == 'result') {
                Flow.current().worsen(Errors.result(value))
                return true
            }
            if (name == 'displayName' || name == 'description') {
                def text = value == null ? '' : value.toString()
                build.described[name] = text
                Flow.current().call('currentBuild', [(name): text])
                return true
            }
            throw new AbortException("currentBuild.${name} cannot be set")
        }
    }
}
