package standin.jobdsl

/** A Job DSL script: `folder` and `pipelineJob`. */
abstract class JobDslScript extends Script {
    private static final List<String> OTHERS = ['job', 'freeStyleJob', 'ivyJob', 'matrixJob', 'mavenJob', 'multiJob', 'workflowJob',
        'multibranchPipelineJob',
        'organizationFolder', 'listView', 'sectionedView', 'nestedView', 'deliveryPipelineView', 'buildPipelineView', 'buildMonitorView',
        'categorizedJobsView', 'dashboardView', 'pipelineAggregatorView', 'configFiles', 'userContent', 'queue', 'streamFileFromWorkspace',
        'readFileFromWorkspace']
    final List<Node> made = []

    Object folder(CharSequence path, Closure body = null) {
        declare(Contexts.FOLDER, path, body)
    }

    Object pipelineJob(CharSequence path, Closure body = null) {
        declare(Contexts.JOB, path, body)
    }

    private Node declare(Spec spec, CharSequence path, Closure body) {
        def name = path.toString()
        if (!name || name.startsWith('/') || name.endsWith('/') || name.contains('//') || name =~ /[?*\\%!@#$^&|<>\[\]:;]/) {
            throw new DslFailure("item name \"${name}\": expected names without ?*\\%!@#\$^&|<>[]:; joined by /")
        }
        def node = new Node(spec, name)
        made.removeAll { it.dslPath == name }
        made << node
        node.dslEvaluate(body)
        node
    }

    Object methodMissing(String name, Object arguments) {
        def inner = Node.dslReading()
        if (inner != null) {
            throw inner.dslUnknown(name, arguments as Object[])
        }
        throw new NoMethod('script', name, arguments as Object[],
            name in OTHERS ? ' (Job DSL knows it, the stand-in has folder and pipelineJob)' : '')
    }
}
