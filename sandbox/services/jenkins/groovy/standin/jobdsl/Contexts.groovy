package standin.jobdsl

import static standin.jobdsl.Spec.Type.FLAG
import static standin.jobdsl.Spec.Type.INT
import static standin.jobdsl.Spec.Type.MAP
import static standin.jobdsl.Spec.Type.TEXT
import static standin.jobdsl.Spec.Type.TEXTS

/** The names that Job DSL knows in each context, of its core and of what it derives from the plugins that are installed. */
class Contexts {
    private static final Object NO = new Spec.Unsupported()

    private static Spec.Optional optional(Object type) {
        new Spec.Optional(type: type)
    }

    private static Spec.Choice choice(String... values) {
        new Spec.Choice(values: values as List)
    }

    private static final Map<String, Object> ITEM = [description: TEXT, displayName: TEXT, configure: NO, authorization: NO]

    // Names of setters of the GitLab plugin's GitLabPushTrigger.
    private static final Spec GITLAB = new Spec('gitlab', [
        triggerOpenMergeRequestOnPush: choice('never', 'source', 'both'), branchFilterType: choice('All', 'NameBasedFilter',
            'RegexBasedFilter'),
        mergeRequestLabelFilterConfig: new Spec('mergeRequestLabelFilterConfig', [include: TEXT, exclude: TEXT]),
    ])
    static {
        ['triggerOnPush', 'triggerToBranchDeleteRequest', 'triggerOnApprovedMergeRequest', 'triggerOnMergeRequest',
            'triggerOnlyIfNewCommitsPushed',
            'triggerOnAcceptedMergeRequest', 'triggerOnClosedMergeRequest', 'triggerOnNoteRequest', 'ciSkip',
                'skipWorkInProgressMergeRequest',
            'setBuildDescription', 'addNoteOnMergeRequest', 'addCiMessage', 'addVoteOnMergeRequest', 'acceptMergeRequestOnSuccess',
            'triggerOnPipelineEvent', 'cancelPendingBuildsOnUpdate', 'cancelRunningBuildsOnUpdate'].each { GITLAB.add(it, FLAG) }
        ['noteRegex', 'labelsThatForcesBuildIfAdded', 'branchFilterName', 'includeBranchesSpec', 'excludeBranchesSpec', 'sourceBranchRegex',
            'targetBranchRegex', 'secretToken', 'pendingBuildName'].each { GITLAB.add(it, TEXT) }
    }
    private static final Spec TRIGGERS = new Spec('triggers', [gitlab: GITLAB, gitLabPushTrigger: GITLAB, cron: NO, scm: NO, upstream: NO,
        pollSCM: NO])

    private static final Map<String, Object> ROTATION = [daysToKeep: INT, numToKeep: INT, artifactDaysToKeep: INT, artifactNumToKeep: INT]
    private static final Spec ROTATION_TEXTS = new Spec('logRotator',
        [daysToKeepStr: TEXT, numToKeepStr: TEXT, artifactDaysToKeepStr: TEXT, artifactNumToKeepStr: TEXT, removeLastBuild: FLAG])
    private static final Spec CONNECTION = new Spec('gitLabConnection', [gitLabConnection: TEXT, jobCredentialId: TEXT,
        useAlternativeCredential: FLAG])

    private static final Spec JOB_PROPERTIES = new Spec('properties', [
        disableConcurrentBuilds: [[optional(new Spec('disableConcurrentBuilds', [abortPrevious: FLAG]))]],
        disableConcurrentBuildsJobProperty: [[optional(new Spec('disableConcurrentBuilds', [abortPrevious: FLAG]))]],
        gitLabConnection: CONNECTION, gitLabConnectionProperty: CONNECTION,
        pipelineTriggers: new Spec('pipelineTriggers', [triggers: TRIGGERS]),
        pipelineTriggersJobProperty: new Spec('pipelineTriggers', [triggers: TRIGGERS]),
        buildDiscarder: new Spec('buildDiscarder', [strategy: new Spec('strategy', [logRotator: ROTATION_TEXTS])]),
        disableResume: [[], [new Spec('disableResume')]], durabilityHint: NO, preserveStashes: NO, rateLimitBuilds: NO, parameters: NO,
        sidebarLinks: NO, customIcon: NO, zenTimestamp: NO, rebuild: NO, ownership: NO, githubProjectUrl: NO, buildFailureAnalyzer: NO,
            priority: NO,
        wallDisplay: NO,
    ])

    private static final Spec PARAMETERS = new Spec('parameters', [
        stringParam: [[TEXT, optional(TEXT), optional(TEXT)]], textParam: [[TEXT, optional(TEXT), optional(TEXT)]],
        booleanParam: [[TEXT, optional(FLAG), optional(TEXT)]], choiceParam: [[TEXT, TEXTS, optional(TEXT)]],
    ] + ['listTagsParam', 'fileParam', 'runParam', 'labelParam', 'nodeParam', 'gitParam', 'activeChoiceParam', 'activeChoiceReactiveParam',
        'activeChoiceReactiveReferenceParam', 'credentialsParam', 'globalVariableParam', 'matrixCombinationsParam',
            'nonStoredPasswordParam']
        .collectEntries { [(it): NO] })

    private static final Spec ENVIRONMENT = new Spec('environmentVariables', [
        env: [[TEXT, Spec.Type.RAW]], envs: MAP, keepSystemVariables: FLAG, keepBuildVariables: FLAG,
            overrideBuildParameters: [[optional(FLAG)]],
        loadFilesFromMaster: FLAG, script: NO, scriptFile: NO, propertiesFile: NO, groovy: NO, contributors: NO,
    ])

    private static final Spec GIT = new Spec('git', [
        remote: new Spec('remote', [name: TEXT, url: TEXT, credentials: TEXT, refspec: TEXT, github: NO]), branch: TEXT, branches: [[TEXT,
            optional(TEXT)]],
        browser: NO, configure: NO,
        extensions: new Spec('extensions', ['cleanAfterCheckout', 'cleanBeforeCheckout', 'wipeOutWorkspace', 'disableRemotePoll',
            'pruneBranches',
            'ignoreNotifyCommit', 'perBuildTag'].collectEntries { [(it): [[]]] } + [localBranch: [[optional(TEXT)]],
                relativeTargetDirectory: NO,
            mergeOptions: NO, submoduleOptions: NO, choosingStrategy: NO,
            cloneOptions: new Spec('cloneOptions', [shallow: [[optional(FLAG)]], depth: INT, noTags: [[optional(FLAG)]], timeout: INT,
                reference: TEXT,
                honorRefspec: [[optional(FLAG)]]])]),
    ])
    private static final Spec SCM = new Spec('scm', [git: [[GIT], [TEXT, optional(TEXT)]]] +
        ['hg', 'github', 'svn', 'perforceP4', 'cloneWorkspace', 'baseClearCase', 'rtc'].collectEntries { [(it): NO] })
    private static final Spec DEFINITION = new Spec('definition', [
        cps: new Spec('cps', [script: TEXT, sandbox: [[optional(FLAG)]]]),
        cpsScm: new Spec('cpsScm', [scm: SCM, scriptPath: TEXT, lightweight: [[optional(FLAG)]]]),
    ])

    /** `pipelineJob`. */
    static final Spec JOB = new Spec('pipelineJob', ITEM + [
        keepDependencies: [[optional(FLAG)]], disabled: [[optional(FLAG)]], quietPeriod: [[optional(INT)]],
        logRotator: [[new Spec('logRotator', ROTATION)], [optional(INT), optional(INT), optional(INT), optional(INT)]],
        parameters: PARAMETERS, properties: JOB_PROPERTIES, environmentVariables: ENVIRONMENT, definition: DEFINITION, triggers: TRIGGERS,
    ] + ['using', 'previousNames', 'throttleConcurrentBuilds', 'blockOn', 'compressBuildLog', 'notifications',
        'deliveryPipelineConfiguration',
        'authenticationToken'].collectEntries { [(it): NO] })

    // Only this kind: plain-credentials has nothing that Job DSL could derive names from.
    private static final Spec LOGIN = new Spec('usernamePassword',
        [scope: choice('GLOBAL', 'SYSTEM', 'USER'), id: TEXT, description: TEXT, username: TEXT, password: TEXT, usernameSecret: FLAG])
    private static final Spec STORE = new Spec('domainCredentials', [
        domain: new Spec('domain', [name: TEXT, description: TEXT, specifications: new Spec('specifications')]),
        credentials: new Spec('credentials', [usernamePassword: LOGIN, usernamePasswordCredentialsImpl: LOGIN]),
    ])
    private static final Spec RETRIEVER = new Spec('retriever', [
        modernSCM: new Spec('modernSCM', [scm: new Spec('scm', [git: new Spec('git', [remote: TEXT, credentialsId: TEXT, id: TEXT,
            traits: new Spec('traits', [gitBranchDiscovery: [[], [new Spec('gitBranchDiscovery')]], gitTagDiscovery: [[],
                [new Spec('gitTagDiscovery')]]])])]),
            libraryPath: TEXT, clone: FLAG]),
        legacySCM: NO,
    ])
    private static final Spec LIBRARY = new Spec('libraryConfiguration', [name: TEXT, defaultVersion: TEXT, implicit: FLAG,
        allowVersionOverride: FLAG,
        includeInChangesets: FLAG, retriever: RETRIEVER, cachingConfiguration: new Spec('cachingConfiguration',
        [refreshTimeMinutes: INT, excludedVersionsStr: TEXT, includedVersionsStr: TEXT, forceDelete: FLAG])])

    /** `folder`. */
    static final Spec FOLDER = new Spec('folder', ITEM + [
        primaryView: NO, views: NO, icon: NO,
        properties: new Spec('properties', [
            folderCredentialsProperty: new Spec('folderCredentialsProperty', [domainCredentials: new Spec('domainCredentials',
                [domainCredentials: STORE])]),
            folderLibraries: new Spec('folderLibraries', [libraries: new Spec('libraries', [libraryConfiguration: LIBRARY])]),
        ]),
    ])
}
