"""Attributes of the Kubernetes cloud and its pod templates: https://github.com/jenkinsci/kubernetes-plugin"""

from sandbox.services.jenkins.casc_kinds import FLAG, NUMBER, TEXT, Each, Fields, Kind, OneOf, texts


def _flags(*names: str) -> dict[str, Kind]:
    return dict.fromkeys(names, FLAG)


def _numbers(*names: str) -> dict[str, Kind]:
    return dict.fromkeys(names, NUMBER)


PAIR = Fields(texts("key", "value"), required=("key",))
VARIABLES = Each(
    OneOf(
        {
            "envVar": PAIR,
            "secretEnvVar": Fields(texts("key", "secretName", "secretKey") | _flags("optional"), required=("key",)),
        }
    )
)
PROBE = Fields(
    texts("execArgs") | _numbers("failureThreshold", "initialDelaySeconds", "periodSeconds", "successThreshold", "timeoutSeconds")
)
VOLUMES = {
    "configMapVolume": Fields(texts("configMapName", "mountPath", "subPath") | _flags("optional")),
    "emptyDirVolume": Fields(texts("mountPath") | _flags("memory")),
    "genericEphemeralVolume": Fields(texts("accessModes", "mountPath", "requestsSize", "storageClassName")),
    "hostPathVolume": Fields(texts("hostPath", "mountPath") | _flags("readOnly")),
    "nfsVolume": Fields(texts("mountPath", "serverAddress", "serverPath") | _flags("readOnly")),
    "persistentVolumeClaim": Fields(texts("claimName", "mountPath") | _flags("readOnly")),
    "secretVolume": Fields(texts("defaultMode", "mountPath", "secretName") | _flags("optional")),
}
WORKSPACES = {
    "dynamicPVC": Fields(texts("accessModes", "requestsSize", "storageClassName")),
    "emptyDirWorkspaceVolume": Fields(_flags("memory")),
    "genericEphemeralVolume": Fields(texts("accessModes", "requestsSize", "storageClassName")),
    "hostPathWorkspaceVolume": Fields(texts("hostPath")),
    "nfsWorkspaceVolume": Fields(texts("serverAddress", "serverPath") | _flags("readOnly")),
    "persistentVolumeClaimWorkspaceVolume": Fields(texts("claimName") | _flags("readOnly")),
}
RESOURCES = texts(*(f"resource{kind}{what}" for kind in ("Limit", "Request") for what in ("Cpu", "EphemeralStorage", "Memory")))
CONTAINER = Fields(
    {
        **texts("name", "image", "command", "args", "workingDir", "shell", "runAsUser", "runAsGroup", "ports"),
        **RESOURCES,
        **_flags("alwaysPullImage", "privileged", "ttyEnabled"),
        **{"envVars": VARIABLES, "livenessProbe": PROBE},
    },
    required=("name", "image"),
)
RETENTION = OneOf({"always": Fields({}), "default": Fields({}), "evicted": Fields({}), "never": Fields({}), "onFailure": Fields({})})
MERGE = OneOf({"merge": Fields({}), "override": Fields({})})
TEMPLATE = Fields(
    {
        **texts("id", "name", "namespace", "label", "nodeSelector", "nodeUsageMode", "inheritFrom", "serviceAccount", "schedulerName"),
        **texts(
            "slaveConnectTimeoutStr", "runAsUser", "runAsGroup", "supplementalGroups", "yaml", "agentContainer", "customWorkspaceVolume"
        ),
        **_numbers("activeDeadlineSeconds", "idleMinutes", "instanceCap", "slaveConnectTimeout", "terminationGracePeriodSeconds"),
        **{"instanceCapStr": TEXT, "idleMinutesStr": TEXT, "activeDeadlineSecondsStr": TEXT},
        **_flags("agentInjection", "capOnlyOnAlivePods", "hostNetwork", "inheritYamlMergeStrategy", "showRawYaml", "unwrapped"),
        "annotations": Each(PAIR),
        "containers": Each(CONTAINER),
        "envVars": VARIABLES,
        "imagePullSecrets": Each(Fields(texts("name"), required=("name",))),
        "podRetention": RETENTION,
        "volumes": Each(OneOf(VOLUMES)),
        "workspaceVolume": OneOf(WORKSPACES),
        "yamlMergeStrategy": MERGE,
        "yamls": Each(TEXT),
    },
    required=("name",),
)
CLOUD = Fields(
    {
        **texts("name", "namespace", "serverUrl", "serverCertificate", "credentialsId", "jenkinsUrl", "jenkinsTunnel", "jnlpregistry"),
        **texts("containerCapStr", "maxRequestsPerHostStr", "defaultsProviderTemplate"),
        **_numbers("connectTimeout", "containerCap", "readTimeout", "retentionTimeout", "waitForPodSec"),
        **_flags("addMasterProxyEnvVars", "capOnlyOnAlivePods", "directConnection", "restrictedPssSecurityContext", "skipTlsVerify"),
        **_flags("usageRestricted", "useJenkinsProxy", "webSocket"),
        "garbageCollection": Fields(texts("namespaces", "timeout")),
        "podLabels": Each(PAIR),
        "podRetention": RETENTION,
        "templates": Each(TEMPLATE),
    },
    required=("name",),
)
