package standin.jobdsl

/** Declared contexts as the fields of Python's Item. */
class Items {
    static Map of(Node node) {
        def common = [path: node.dslPath, description: node.dslValue('description') ?: '']
        common + (node.dslSpec.is(Contexts.FOLDER) ? folder(node) : job(node))
    }

    private static Map folder(Node node) {
        def properties = node.dslChildren('properties')
        def stores = properties*.dslChildren('folderCredentialsProperty').flatten()*.dslChild('domainCredentials')
        def logins = stores.findAll()*.dslChildren('domainCredentials').flatten()*.dslChildren('credentials').flatten()
        def lists = properties*.dslChildren('folderLibraries').flatten()*.dslChildren('libraries').flatten()
        def libraries = lists*.dslChildren('libraryConfiguration').flatten()
        [
            kind: 'folder',
            credentials: logins*.dslChildren('usernamePassword', 'usernamePasswordCredentialsImpl').flatten().collect { login(node.dslPath,
                it) },
            libraries: libraries.collect { library(node.dslPath, it) },
        ]
    }

    private static Map login(String path, Node node) {
        if (!node.dslValue('id')) {
            throw new DslFailure("folder ${path}: a credential has no id; give one, pipelines ask by it")
        }
        [id: node.dslValue('id'), kind: 'usernamePassword', secret: node.dslValue('password') ?: '',
            username: node.dslValue('username') ?: '',
            description: node.dslValue('description') ?: '', scope: node.dslValue('scope') ?: 'GLOBAL']
    }

    private static Map library(String path, Node node) {
        def git = node.dslChild('retriever', 'modernSCM', 'scm', 'git')
        if (!git?.dslValue('remote') || !node.dslValue('name')) {
            throw new DslFailure("folder ${path}: a library needs a name and retriever { modernSCM { scm { git { remote(...) } } } }")
        }
        [name: node.dslValue('name'), implicit: node.dslValue('implicit', false),
            scm: [url: git.dslValue('remote'), revision: node.dslValue('defaultVersion') ?: '',
                credential: git.dslValue('credentialsId') ?: '']]
    }

    private static Map job(Node node) {
        def properties = node.dslChildren('properties')
        def gitlab = (properties*.dslChildren('pipelineTriggers',
            'pipelineTriggersJobProperty').flatten()*.dslChildren('triggers').flatten() +
            node.dslChildren('triggers'))*.dslChildren('gitlab', 'gitLabPushTrigger').flatten()
        def connections = properties*.dslChildren('gitLabConnection', 'gitLabConnectionProperty').flatten()
        [
            kind: 'job',
            parameters: node.dslChildren('parameters').collectMany { parameters(node.dslPath, it) },
            concurrent: !properties.any { it.dslCalls('disableConcurrentBuilds') || it.dslCalls('disableConcurrentBuildsJobProperty') },
            environment: environment(node),
            builds_to_keep: kept(node, properties),
            gitlab_connection: connections ? connections.last().dslValue('gitLabConnection') ?: '' : '',
            gitlab_trigger: gitlab ? trigger(gitlab.last()) : null,
            definition: definition(node),
        ]
    }

    private static Map trigger(Node node) {
        def values = node.dslValues()
        def labels = node.dslChild('mergeRequestLabelFilterConfig')
        labels ? values + [mergeRequestLabelFilterConfig: labels.dslValues()] : values
    }

    private static List<Map> parameters(String path, Node node) {
        def found = ['stringParam', 'textParam', 'booleanParam', 'choiceParam'].collectMany { kind -> node.dslCalls(kind).collect { [kind,
            it] } }
        def order = node.dslNames()
        found = found.sort { order.indexOf(it[1][0]) }
        found*.get(1)*.get(0).countBy { it }.each { name, count ->
            if (!name || count > 1) {
                throw new DslFailure(name ? "job ${path}: parameter ${name} already defined" : "job ${path}: parameterName cannot be null")
            }
        }
        found.collect { kind, arguments -> parameter(path, kind, arguments + [null, null]) }
    }

    private static Map parameter(String path, String kind, List arguments) {
        def (name, value, description) = arguments
        def made = [name: name, description: description ?: '', choices: []]
        switch (kind) {
            case 'choiceParam':
                if (!value) {
                    throw new DslFailure("job ${path}: options of ${name} cannot be null or empty")
                }
                return made + [kind: 'choice', default: value[0].toString(), choices: value*.toString()]
            case 'booleanParam':
                return made + [kind: 'boolean', default: value ? 'true' : 'false']
            default:
                return made + [kind: kind - 'Param', default: value ?: '']
        }
    }

    private static Map<String, String> environment(Node node) {
        Map<String, String> found = [:]
        node.dslChildren('environmentVariables').each { each ->
            each.dslCalls('envs').each { found.putAll(it[0].collectEntries { key, value -> [(key.toString()): value.toString()] }) }
            each.dslCalls('env').each { name, value -> found[name.toString()] = value.toString() }
        }
        found
    }

    private static Integer kept(Node node, List<Node> properties) {
        def texts = properties.collect { it.dslChild('buildDiscarder', 'strategy', 'logRotator')?.dslValue('numToKeepStr') }.findAll()
        def calls = node.dslCalls('logRotator').findAll { it.size() > 1 }
        def found = texts ? texts.last() as int : node.dslChild('logRotator')?.dslValue('numToKeep') ?: (calls ? calls.last()[1] : -1)
        found == null || found < 0 ? null : found as int
    }

    private static Map definition(Node node) {
        def cps = node.dslChild('definition', 'cps')
        if (cps) {
            if (!cps.dslCalls('sandbox')) {
                throw new DslFailure("job ${node.dslPath}: a script outside of the sandbox needs an approval; add sandbox()")
            }
            return [text: cps.dslValue('script') ?: '', path: '', scm: null]
        }
        def scm = node.dslChild('definition', 'cpsScm')
        scm ? [text: '', path: scm.dslValue('scriptPath') ?: 'Jenkinsfile', scm: source(node.dslPath, scm.dslChild('scm'))] : null
    }

    private static Map source(String path, Node node) {
        def git = node?.dslChild('git')
        def short_ = node?.dslCalls('git')?.find { it }
        if (short_) {
            return [url: short_[0], revision: short_.size() > 1 ? short_[1] : '**', credential: '']
        }
        def remotes = git?.dslChildren('remote')
        if (!remotes || !remotes[0].dslValue('url')) {
            throw new DslFailure("job ${path}: cpsScm needs scm { git { remote { url(...) } } }")
        }
        [url: remotes[0].dslValue('url'), credential: remotes[0].dslValue('credentials') ?: '',
            revision: git.dslValue('branch') ?: git.dslValue('branches') ?: '**']
    }
}
