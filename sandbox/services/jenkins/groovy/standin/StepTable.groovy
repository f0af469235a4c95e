package standin

/** The steps there are: the parameters of each (the first one may be given alone; `!` marks those that must be), and what they need. */
class StepTable {
    /** Done by Python. */
    static final Map<String, List<String>> FORWARDED = [
        addGitLabMRComment: ['comment!'],
        archiveArtifacts: ['artifacts!', 'allowEmptyArchive', 'caseSensitive', 'defaultExcludes', 'excludes', 'fingerprint',
            'followSymlinks', 'onlyIfSuccessful'],
        build: ['job!', 'parameters', 'propagate', 'quietPeriod', 'wait', 'waitForStart'],
        checkout: ['scm!', 'changelog', 'poll'],
        deleteDir: [],
        echo: ['message!'],
        fileExists: ['file!'],
        git: ['url!', 'branch', 'changelog', 'credentialsId', 'poll'],
        isUnix: [],
        milestone: ['ordinal', 'label', 'unsafe'],
        pwd: ['tmp'],
        readFile: ['file!', 'encoding'],
        sh: ['script!', 'encoding', 'label', 'returnStatus', 'returnStdout'],
        sleep: ['time!', 'unit'],
        stash: ['name!', 'allowEmpty', 'excludes', 'includes', 'useDefaultExcludes'],
        unstash: ['name!'],
        updateGitlabCommitStatus: ['name', 'state', 'builds', 'connection'],
        writeFile: ['file!', 'text!', 'encoding'],
    ]
    /** Done here. */
    static final Map<String, List<String>> OWN = [
        error: ['message'],
        library: ['identifier!', 'changelog', 'retriever'],
        libraryResource: ['resource!', 'encoding'],
        unstable: ['message!'],
        print: ['value'],
        println: ['value'],
    ]
    /** Done here around a block; `podTemplate` and others are Python's calls around it. */
    static final Map<String, List<String>> BLOCKS = [
        catchError: ['message', 'buildResult', 'stageResult', 'catchInterruptions'],
        container: ['name!', 'shell'],
        dir: ['path!'],
        gitlabCommitStatus: ['name', 'builds', 'connection'],
        node: ['label'],
        podTemplate: ['yaml', 'activeDeadlineSeconds', 'annotations', 'cloud', 'containers', 'envVars', 'hostNetwork', 'idleMinutes',
            'imagePullSecrets',
            'inheritFrom', 'instanceCap', 'label', 'name', 'namespace', 'nodeSelector', 'nodeUsageMode', 'podRetention', 'runAsGroup',
                'runAsUser',
            'schedulerName', 'serviceAccount', 'showRawYaml', 'slaveConnectTimeout', 'supplementalGroups', 'volumes', 'workingDir',
                'workspaceVolume',
            'yamlMergeStrategy', 'inheritYamlMergeStrategy', 'agentContainer', 'agentInjection', 'retries'],
        retry: ['count', 'conditions'],
        script: [],
        stage: ['name!', 'concurrency'],
        timeout: ['time!', 'activity', 'unit'],
        timestamps: [],
        warnError: ['message!', 'buildResult', 'catchInterruptions', 'stageResult'],
        withCredentials: ['bindings!'],
        withEnv: ['overrides!'],
    ]
    /** What makes values for arguments. */
    static final Map<String, List<String>> SYMBOLS = [
        always: [], never: [], onFailure: ['label'], booleanParam: ['name', 'value'], choice: ['name', 'value'], text: ['name', 'value'],
        string: ['name', 'value'], file: ['name'], usernameColonPassword: ['credentialsId'], usernamePassword: ['credentialsId'],
        scmGit: ['userRemoteConfigs'], gitSCM: ['userRemoteConfigs'], gitLabConnection: ['gitLabConnection'], logRotator: ['numToKeepStr'],
        containerTemplate: ['name'], envVar: ['key'], emptyDirVolume: ['mountPath'], secretVolume: ['secretName'],
            configMapVolume: ['configMapName'],
        persistentVolumeClaim: ['claimName'], merge: [], override: [], agent: [], kubernetesAgent: ['handleNonKubernetes'],
            nonresumable: [],
        cleanBeforeCheckout: ['deleteUntrackedNestedRepositories'], cloneOption: ['shallow'],
            relativeTargetDirectory: ['relativeTargetDir'],
        localBranch: ['localBranch'], pruneStaleBranch: [], submodule: ['recursiveSubmodules'], modernSCM: ['scm'],
            gitlabCommitStatusBuild: ['name'],
    ]
    /** Steps that need an agent's workspace. */
    static final Set<String> ON_NODE = ['archiveArtifacts', 'checkout', 'deleteDir', 'fileExists', 'git', 'isUnix', 'pwd', 'readFile', 'sh',
        'stash',
        'unstash', 'writeFile', 'dir', 'container'] as Set

    static List<String> parameters(String step) {
        FORWARDED[step] ?: OWN[step] ?: BLOCKS[step] ?: []
    }

    static boolean has(String step) {
        step == 'parallel' || FORWARDED.containsKey(step) || OWN.containsKey(step) || BLOCKS.containsKey(step)
    }

    static List<String> names() {
        (FORWARDED.keySet() + OWN.keySet() + BLOCKS.keySet() + ['parallel'] - ['print', 'println']).sort()
    }
}
