// Job DSL: the folders and jobs of one workspace. The program hands over SLIPWAY_WORKSPACE, JSON text whose form is in components/jcasc/__init__.py.
// A dollar sign with a brace would be JCasC's, not Groovy's: there is none in here.
import groovy.json.JsonSlurperClassic
import jenkins.model.Jenkins

def workspace = new JsonSlurperClassic().parseText(SLIPWAY_WORKSPACE)
def builds = workspace.folder + '/build'
def updates = workspace.folder + '/update'

// Credentials lie in the folder of those jobs that may use them: a job sees what lies above it, never what lies beside it.
def jobsWith = { String path, String text, List logins ->
    folder(path) {
        description(text)
        properties {
            folderCredentialsProperty {
                domainCredentials {
                    domainCredentials {
                        domain {
                            name('_')
                            description('')
                        }
                        credentials {
                            logins.each { login ->
                                usernamePassword {
                                    scope('GLOBAL')
                                    id(login.id)
                                    description(login.description)
                                    username(login.username)
                                    password(login.password)
                                }
                            }
                        }
                    }
                }
            }
            folderLibraries {
                libraries {
                    libraryConfiguration {
                        name('slipway')
                        defaultVersion(workspace.pipeline.revision)
                        implicit(false)
                        allowVersionOverride(false)
                        includeInChangesets(false)
                        retriever {
                            modernSCM {
                                scm {
                                    git {
                                        remote(workspace.pipeline.repository)
                                        credentialsId('pipeline')
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

// What both jobs of an application have: its parameters, one build at a time, and a pipeline that only the platform can change.
def describe = { job, app, String file ->
    job.keepDependencies(false)
    job.logRotator {
        numToKeep(workspace.keep)
    }
    job.parameters {
        stringParam('REPOSITORY_URL', app.repository, 'clone URL of the source code')
        stringParam('WORKSPACE_ID', app.workspace, 'workspace id')
        stringParam('USER_ID', app.user, 'user id')
        stringParam('PROJECT_NAME', app.project, 'project name')
        stringParam('APP_PORT', app.port, 'port that the application listens on')
        stringParam('PLATFORM_DOMAIN', app.domain, 'domain of the platform')
        stringParam('CUSTOM_DOMAIN', app.host, 'name under which the application answers; empty for one below the platform\'s domain')
    }
    job.properties {
        disableConcurrentBuilds()
        gitLabConnection {
            gitLabConnection(workspace.connection)
        }
    }
    job.definition {
        cpsScm {
            lightweight(true)
            scriptPath(file)
            scm {
                git {
                    remote {
                        url(workspace.pipeline.repository)
                        credentials('pipeline')
                    }
                    branch(workspace.pipeline.revision)
                    extensions {}
                }
            }
        }
    }
}

folder(workspace.folder) {
    description(workspace.description)
}
jobsWith(builds, 'Builds images: runs tenants\' code.', workspace.build)
jobsWith(updates, 'Writes releases into the GitOps repository: runs no code of tenants.', workspace.update)

workspace.applications.each { app ->
    def build = pipelineJob(builds + '/' + app.name) {
        description('Builds the image of ' + app.title + '.')
        parameters {
            stringParam('BRANCH', app.branch, 'the protected branch to build')
        }
        properties {
            pipelineTriggers {
                triggers {
                    gitlab {
                        triggerOnPush(true)
                        triggerOnMergeRequest(false)
                        triggerOnNoteRequest(false)
                        branchFilterType('NameBasedFilter')
                        includeBranchesSpec(app.branch)
                        secretToken(app.hook)
                    }
                }
            }
        }
    }
    describe(build, app, 'build.Jenkinsfile')

    def update = pipelineJob(updates + '/' + app.name) {
        description('Releases versions of ' + app.title + ', and brings earlier ones back.')
        parameters {
            choiceParam('ACTION', ['publish', 'rollback'], 'publish: release a version; rollback: bring one back')
            stringParam('TAG', '', 'the version, as v1.2.3')
            stringParam('DIGEST', '', 'digest of its image; may be empty')
            stringParam('FRAMEWORK', '', 'what the build took it for; may be empty')
            stringParam('SOURCE', '', 'commit of the source code; may be empty')
            stringParam('BUILD', '', 'URL of the build; may be empty')
            stringParam('BUILT_AT', '', 'when the build began, RFC 3339; may be empty')
            stringParam('STEPS', '', 'rollback: how many different versions to go back, instead of TAG')
            stringParam('ACCEPT_RISK', '', 'rollback: the reason for which a version is brought back although its scan is refused')
        }
    }
    describe(update, app, 'update.Jenkinsfile')
}

// JCasC makes and changes, and never removes: what is no longer declared goes here, with its history.
def declared = workspace.applications*.name
[builds, updates].each { path ->
    Jenkins.get().getItemByFullName(path)?.items?.findAll { !declared.contains(it.name) }?.each { it.delete() }
}
